// The page Traces in Chromium: the list, its search, its order, and that what arrives disturbs nobody.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Span } from '../../../src/view/telemetry.js';
import { needsChromium } from '../../support/requirements.ts';
import { makeLog, makeSpan } from '../spans.ts';
import { type ShownViewer, startShownViewer } from './shown-viewer.ts';

const SECOND = 1_000_000_000n;
let viewer: ShownViewer;

function traceId(number: number): string {
  return String(number).padStart(32, '0');
}

/** A trace of one span, `number` seconds after the first. */
function trace(number: number, more: Partial<Span> = {}): Span {
  const span = makeSpan('1', '', `GET /${number}`, 0, 10, { traceId: traceId(number), kind: 'SERVER', ...more });
  const later = BigInt(number) * SECOND;
  return { ...span, startTimeUnixNano: span.startTimeUnixNano + later, endTimeUnixNano: span.endTimeUnixNano + later };
}

function traces(count: number, from = 1): Span[] {
  return Array.from({ length: count }, (_, index) => trace(from + index));
}

const rows = (page: Page) => page.locator('.rows .trace-row');
const names = (page: Page) => page.locator('.rows .trace-row .name').allTextContents();

describe('traces', await needsChromium(), () => {
  beforeAll(async () => {
    viewer = await startShownViewer();
  });
  afterAll(() => viewer?.close());
  afterEach(async () => {
    expect(viewer.complaints).toEqual([]);
    viewer.clear();
  });

  test('the list shows the latest first; order, search and filters are in the address', async () => {
    viewer.add({
      spans: [
        trace(1, { attributes: { 'http.route': '/orders', 'order.size': 3 } }),
        trace(2, { service: 'worker', status: { code: 'ERROR', message: 'timeout' } }),
        trace(3, { endTimeUnixNano: trace(3).endTimeUnixNano + SECOND, attributes: { 'sietch.keep.reason': 'slow' } }),
      ],
      logs: [makeLog('1', 'hello', 1, { traceId: traceId(1) })],
    });
    const page = await viewer.open('/');
    await rows(page).nth(2).waitFor();
    expect(await names(page)).toEqual(['GET /3', 'GET /2', 'GET /1']);
    await page.getByRole('link', { name: /^GET \/2, 1 error, 10\.0 ms, 1 span, .*worker$/ }).waitFor();

    await page.getByRole('button', { name: /^Order by duration/ }).click();
    await expect.poll(() => page.url()).toContain('sort=duration');
    await expect.poll(() => names(page)).toEqual(['GET /3', 'GET /2', 'GET /1']);
    await page.getByRole('button', { name: /^Order by duration/ }).click();
    await expect.poll(async () => (await names(page))[2]).toBe('GET /3');

    await page.getByLabel('errors only').check();
    await expect.poll(() => names(page)).toEqual(['GET /2']);
    await page.getByLabel('errors only').uncheck();
    await page.getByLabel('Service').selectOption('worker');
    await expect.poll(() => names(page)).toEqual(['GET /2']);
    expect(page.url()).toContain('service=worker');
    await page.getByLabel('Service').selectOption('');
    await page.getByLabel('Route').selectOption('/orders');
    await expect.poll(() => names(page)).toEqual(['GET /1']);
    await page.getByLabel('Route').selectOption('');
    await page.getByLabel('Least duration in milliseconds').fill('500');
    await expect.poll(() => names(page)).toEqual(['GET /3']);
    await page.getByLabel('Least duration in milliseconds').fill('');

    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('order.size=3');
    await expect.poll(() => names(page)).toEqual(['GET /1']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await names(page)).length).toBe(3);
    expect(new URL(page.url()).search).toBe('');
    await page.context().close();
  });

  test('j, k, enter and escape: into a trace and back to the same row', async () => {
    viewer.add({ spans: traces(50) });
    const page = await viewer.open('/traces');
    await rows(page).first().waitFor();
    for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
    const focused = page.locator('.trace-row:focus');
    await expect.poll(() => focused.getAttribute('data-row')).toBe(traceId(49));
    await page.keyboard.press('Enter');
    await page.getByRole('tree', { name: 'Spans' }).waitFor();
    expect(page.url()).toContain(`/traces/${traceId(49)}`);
    await page.keyboard.press('Escape');
    await expect.poll(() => focused.getAttribute('data-row')).toBe(traceId(49));
    await page.keyboard.press('End');
    await expect.poll(() => focused.getAttribute('data-row')).toBe(traceId(1));
    await page.keyboard.press('Home');
    await expect.poll(() => focused.getAttribute('data-row')).toBe(traceId(50));
    await page.context().close();
  });

  test('20,000 traces are a list of some dozen rows in the page, and the last one can be scrolled to', async () => {
    for (let from = 1; from <= 20_000; from += 2_000) viewer.add({ spans: traces(2_000, from) });
    const page = await viewer.open('/traces');
    await page.getByText('20\u202f000 traces', { exact: true }).waitFor();
    expect(await rows(page).count()).toBeLessThan(70);
    await rows(page).first().focus();
    await page.keyboard.press('End');
    await page.getByRole('link', { name: /^GET \/1,/ }).waitFor();
    expect(await rows(page).count()).toBeLessThan(70);
    await page.context().close();
  });

  test('what arrives leaves focus, scroll, selection and a half typed search as they are', async () => {
    viewer.add({ spans: traces(300) });
    const page = await viewer.open('/traces');
    await rows(page).first().waitFor();
    await page.mouse.move(600, 400);
    await page.mouse.wheel(0, 3_000);
    const row = page.getByRole('link', { name: /^GET \/190,/ });
    await row.focus();
    const before = await row.boundingBox();
    viewer.add({ spans: traces(40, 301) });
    await page.getByText('340 traces', { exact: true }).waitFor();
    expect(await row.boundingBox()).toEqual(before);
    expect(await page.locator('.trace-row:focus').getAttribute('data-row')).toBe(traceId(190));

    const field = page.getByLabel('Search traces');
    await field.focus();
    await page.keyboard.type('nothing like this');
    await page.getByText('No trace matches').waitFor();
    viewer.add({ spans: traces(5, 341) });
    await page.keyboard.type('!');
    await expect.poll(() => field.inputValue()).toBe('nothing like this!');
    await page.context().close();
  });

  test('what grows while the page is open is the newest in the list, or the same row', async () => {
    viewer.add({ spans: traces(3) });
    const page = await viewer.open('/traces');
    await rows(page).nth(2).waitFor();
    viewer.add({ spans: [trace(4), { ...trace(3), spanId: '0000000000000002', parentSpanId: '0000000000000001', name: 'late' }] });
    await expect.poll(() => names(page)).toEqual(['GET /4', 'GET /3', 'GET /2', 'GET /1']);
    await page.getByRole('link', { name: /^GET \/3, 10\.0 ms, 2 spans/ }).waitFor();
    await page.context().close();
  });
});
