// The page Trace in Chromium: rows, folding, zoom, details, links to other traces, all by mouse and by keyboard.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { needsChromium } from '../../support/requirements.ts';
import { makeLog, makeSpan, spanId, TRACE_ID } from '../spans.ts';
import { type ShownViewer, startShownViewer } from './shown-viewer.ts';

const OTHER_ID = 'f'.repeat(32);
const JOB = { 'messaging.destination.name': 'webhooks', 'messaging.message.id': '7', 'sietch.queue.job.max_attempts': 2 };
let viewer: ShownViewer;

const rowNames = (page: Page) => page.locator('.rows [role=treeitem] .name :is(b, .body)').allTextContents();
const row = (page: Page, name: string) => page.getByRole('treeitem', { name });
const details = (page: Page) => page.getByRole('complementary');

async function open(path = `/traces/${TRACE_ID}`): Promise<Page> {
  const page = await viewer.open(path);
  await page.getByRole('tree', { name: 'Spans' }).waitFor();
  return page;
}

describe('a trace', await needsChromium(), () => {
  beforeAll(async () => {
    viewer = await startShownViewer();
  });
  afterAll(() => viewer?.close());
  // POST /orders             |██                  |
  // ├─ SELECT                | █                  |   slow, blocked by a session of the other trace
  // └─ send webhooks         |  █                 |
  //    └─ 2 attempts         |                    |
  //       ├─ process         |   ≈≈≈███           |   waiting in queue 1.2 s; failed
  //       │  · log failed    |                    |
  //       └─ process         |             ≈≈█████|   waiting for attempt 2; linked to the other trace
  beforeEach(() => {
    viewer.clear();
    const blocked = {
      'sietch.pg.blocker.pid': 41,
      'sietch.pg.blocker.trace_id': OTHER_ID,
      'sietch.pg.blocker.state': 'idle in transaction',
    };
    const start = makeSpan('1', '', '', 0, 0).startTimeUnixNano;
    viewer.add({
      spans: [
        makeSpan('1', '', 'POST /orders', 0, 300, {
          kind: 'SERVER',
          attributes: { 'http.route': '/orders', 'http.request.method': 'POST' },
        }),
        makeSpan('2', '1', 'SELECT', 20, 200, {
          kind: 'CLIENT',
          events: [
            { name: 'sietch.pg.blocked', timeUnixNano: start + 50_000_000n, attributes: blocked },
            { name: 'sietch.pg.slow_query', timeUnixNano: start + 200_000_000n, attributes: { 'sietch.duration_ms': 180 } },
          ],
        }),
        makeSpan('3', '1', 'send webhooks', 210, 250, { kind: 'PRODUCER' }),
        makeSpan('4', '3', 'process webhooks', 1_450, 1_900, {
          kind: 'CONSUMER',
          service: 'worker',
          status: { code: 'ERROR', message: '' },
          attributes: { ...JOB, 'sietch.queue.job.attempt': 1, 'sietch.queue.job.wait': 1.2, 'error.type': 'TypeError' },
        }),
        makeSpan('5', '3', 'process webhooks', 2_900, 4_000, {
          kind: 'CONSUMER',
          service: 'worker',
          attributes: { ...JOB, 'sietch.queue.job.attempt': 2, 'sietch.queue.job.outcome': 'completed' },
          links: [{ traceId: OTHER_ID, spanId: spanId('9'), traceState: '', attributes: {} }],
        }),
        makeSpan('9', '', 'GET /other', 0, 10, { traceId: OTHER_ID }),
      ],
      logs: [
        makeLog('4', 'processing failed', 1_890, { severityNumber: 17, severityText: 'ERROR', attributes: { jobId: 7 } }),
        makeLog('2', 'slow query', 200, { eventName: 'sietch.pg.slow_query', attributes: { 'db.query.text': 'SELECT ?' } }),
        makeLog('2', 'plan', 200, { eventName: 'sietch.pg.query_plan', attributes: { 'sietch.pg.plan': 'Seq Scan on orders' } }),
      ],
    });
  });

  test('rows are the tree of spans with its log records, attempts together, waits named', async () => {
    const page = await open();
    expect(await rowNames(page)).toEqual([
      'POST /orders',
      'SELECT',
      'slow query',
      'plan',
      'send webhooks',
      '2 attempts of one job of webhooks, at last completed',
      'process webhooks',
      'processing failed',
      'process webhooks',
    ]);
    await page.getByText('waiting in queue 1.2 s').waitFor();
    await page.getByText('waiting for attempt 2 1.0 s').waitFor();
    await page
      .getByRole('treeitem', { name: /process webhooks, 450 ms, failed, worker, consumer, starts at \+1\.[45] s, waiting in queue 1\.2 s/ })
      .waitFor();
    expect(await page.locator('.critical').count()).toBeGreaterThan(3);
    await page.keyboard.press('c');
    await expect.poll(() => page.locator('.critical').count()).toBe(0);
    await page.keyboard.press('o');
    await expect.poll(() => rowNames(page)).not.toContain('plan');
    await page.context().close();
  });

  test('folding by mouse and by keyboard', async () => {
    const page = await open();
    await page
      .getByRole('treeitem', { name: /^send webhooks/ })
      .getByRole('button', { name: 'Fold' })
      .click();
    await expect.poll(async () => (await rowNames(page)).length).toBe(5);
    await page.getByRole('button', { name: 'Unfold 3 rows' }).click();
    await expect.poll(async () => (await rowNames(page)).length).toBe(9);
    await page.keyboard.press('z');
    await expect.poll(() => rowNames(page)).toEqual(['POST /orders']);
    await page.keyboard.press('j');
    await page.keyboard.press('l');
    await expect.poll(async () => (await rowNames(page)).length).toBe(5);
    await page.keyboard.press('j');
    await page.keyboard.press('h');
    await page.keyboard.press('h');
    await expect.poll(() => rowNames(page)).toEqual(['POST /orders']);
    await page.context().close();
  });

  test('details: attributes with copy buttons, the statement with its plan and who blocked it', async () => {
    const page = await open();
    await row(page, 'POST /orders').click();
    await details(page).getByRole('table', { name: 'Attributes' }).getByText('/orders', { exact: true }).waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await details(page).getByRole('button', { name: 'Copy http.route' }).click();
    await page.getByText('Copied http.route').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('/orders');
    await details(page).getByRole('link', { name: 'Search traces with http.route /orders' }).click();
    await page.getByRole('link', { name: /^POST \/orders/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('http.route=/orders');
    await page.goBack();

    await row(page, 'SELECT').click();
    const slow = details(page).getByRole('region', { name: 'Slow statement' });
    await slow.getByText('Seq Scan on orders').waitFor();
    await slow.getByText('SELECT ?').waitFor();
    await slow.getByText('Blocked by session 41, idle in transaction').waitFor();
    await slow.getByRole('link', { name: OTHER_ID }).click();
    await page.getByRole('heading', { name: /GET \/other/, level: 1 }).waitFor();
    await page.context().close();
  });

  test('events and links can be clicked, also into another trace; escape goes back step by step', async () => {
    const page = await open();
    await row(page, 'SELECT')
      .getByRole('button', { name: /^Event sietch.pg.slow_query/ })
      .click();
    await expect.poll(() => page.locator('[data-event="1"]:focus').count()).toBe(1);
    await page.getByRole('link', { name: 'linked' }).click();
    await page.getByRole('heading', { name: /GET \/other/, level: 1 }).waitFor();
    expect(page.url()).toContain(`${OTHER_ID}?span=${spanId('9')}`);
    await details(page).waitFor();
    await page.keyboard.press('Escape');
    await details(page).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.getByRole('list', { name: 'Traces' }).waitFor();
    await page.context().close();
  });

  test('a log record in its place opens its details, and e finds what failed', async () => {
    const page = await open();
    await page.keyboard.press('e');
    await expect.poll(() => page.locator('.row.selected b').allTextContents()).toEqual(['process webhooks']);
    await page.keyboard.press('e');
    await page.keyboard.press('Enter');
    await details(page).getByText('jobId').waitFor();
    await page.context().close();
  });

  test('the axis stays in sight; minimap and keys zoom', async () => {
    const page = await open();
    const ticks = () => page.locator('.axis .tick').allTextContents();
    expect(await ticks()).toEqual(['0', '1.0 s', '2.0 s', '3.0 s', '4.0 s']);
    await page.keyboard.press('+');
    await expect.poll(ticks).not.toContain('4.0 s');
    await page.keyboard.press('0');
    await expect.poll(ticks).toContain('4.0 s');
    const map = await page.locator('.minimap').boundingBox();
    if (map === null) throw new Error('no minimap');
    await page.mouse.move(map.x + 1, map.y + 5);
    await page.mouse.down();
    await page.mouse.move(map.x + map.width / 4, map.y + 5, { steps: 3 });
    await page.mouse.up();
    await expect.poll(ticks).toContain('800 ms');
    await page.getByRole('button', { name: 'Zoom out' }).click();
    await expect.poll(ticks).toContain('4.0 s');
    await page.context().close();
  });

  test('20,000 spans: the axis stays, folds and selection survive what arrives', async () => {
    viewer.clear();
    const spans = Array.from({ length: 20_000 }, (_, index) =>
      makeSpan(String(index + 1), index === 0 ? '' : '1', `span ${index}`, index, index + 1),
    );
    viewer.add({ spans });
    const page = await open();
    expect(await page.locator('.rows .span-row').count()).toBeLessThan(80);
    await page.keyboard.press('j');
    await page.keyboard.press('End');
    await row(page, 'span 19999').waitFor();
    const axis = await page.locator('.axis').boundingBox();
    expect(axis?.y).toBeLessThan(300);
    viewer.add({ spans: [makeSpan('30000', '1', 'late', 20_000, 20_001)] });
    await page.getByText('20001 spans', { exact: true }).waitFor();
    expect(await page.locator('.span-row:focus b').allTextContents()).toEqual(['span 19999']);
    await page.context().close();
  });

  test('a trace that is not there says so, and appears when it arrives', async () => {
    const page = await viewer.open(`/traces/${'a'.repeat(32)}`);
    await page.getByRole('heading', { name: 'No such trace' }).waitFor();
    viewer.add({ spans: [makeSpan('1', '', 'at last', 0, 1, { traceId: 'a'.repeat(32) })] });
    await row(page, 'at last').waitFor();
    await page.context().close();
  });
});
