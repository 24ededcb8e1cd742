// The pages Logs, Metrics, Queues, Now, the first page, and what all of them share, in Chromium.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NowAnswer } from '../../../src/view/api.js';
import { needsChromium } from '../../support/requirements.ts';
import { makeLog, makeSpan, spanId, TRACE_ID } from '../spans.ts';
import { LETTER, METRICS, PROCESSES, QUEUE_METRICS } from './examples.ts';
import { makeMetric } from './metrics.ts';
import { type ShownViewer, startShownViewer } from './shown-viewer.ts';

const replayed: string[] = [];
let now: NowAnswer = { processes: [] };
let viewer: ShownViewer;

const logBodies = (page: Page) => page.locator('.rows .log-row .body').allTextContents();

describe('pages', await needsChromium(), () => {
  beforeAll(async () => {
    viewer = await startShownViewer({
      now: async () => now,
      deadLetters: {
        list: async () => [LETTER],
        replay: async (queue, id) => {
          replayed.push(`${queue}/${id}`);
          return true;
        },
      },
    });
  });
  afterAll(() => viewer?.close());
  beforeEach(() => viewer.clear());
  afterEach(() => expect(viewer.complaints).toEqual([]));

  test('while nothing has arrived the first page says what to do and checks the port; then it gives way', async () => {
    const page = await viewer.open('/');
    await page.getByText(`${viewer.url} takes OTLP. Nothing has arrived yet.`).waitFor();
    await page.getByText('node --require @sietch/otel/register app.js').waitFor();
    await page.getByText(`export OTEL_EXPORTER_OTLP_ENDPOINT=${viewer.url}`).waitFor();
    viewer.add({ spans: [makeSpan('1', '', 'GET /first', 0, 1)] });
    await page.getByRole('link', { name: /^GET \/first/ }).waitFor();
    await page.context().close();
  });

  test('logs: the newest first, filters by severity, text, service and trace, details, older ones by scrolling', async () => {
    const many = Array.from({ length: 1_200 }, (_, index) => makeLog('', `line ${index}`, index, { traceId: '' }));
    viewer.add({
      spans: [makeSpan('1', '', 'GET /', 0, 1)],
      logs: [
        ...many,
        makeLog('1', 'payment failed', 2_000, {
          severityNumber: 17,
          severityText: 'ERROR',
          service: 'worker',
          attributes: { orderId: 42 },
        }),
      ],
    });
    const page = await viewer.open('/logs');
    await page.getByRole('button', { name: /^ERROR payment failed, worker/ }).waitFor();
    expect((await logBodies(page)).slice(0, 2)).toEqual(['payment failedorderId=42', 'line 1199']);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary').getByText('orderId').waitFor();
    await page.keyboard.press('Escape');
    // Each time the end is reached older ones are fetched.
    const last = async () => {
      await page.keyboard.press('End');
      return (await logBodies(page)).at(-1);
    };
    await expect.poll(last).toBe('line 0');

    await page.getByLabel('Least severity').selectOption('error');
    await expect.poll(() => logBodies(page)).toHaveLength(1);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('line 77');
    await expect.poll(async () => (await logBodies(page)).length).toBe(11);
    await page.goto(`${viewer.url}/logs?trace=${TRACE_ID}`);
    await expect.poll(() => logBodies(page)).toHaveLength(1);
    viewer.add({ logs: [makeLog('1', 'one more', 3_000)] });
    await expect.poll(() => logBodies(page)).toHaveLength(2);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary').getByRole('link', { name: TRACE_ID }).click();
    await page.getByRole('tree', { name: 'Spans' }).waitFor();
    await page.context().close();
  });

  test('metrics: small charts, a heat map whose exemplar opens its trace, one metric large', async () => {
    viewer.add({ spans: [makeSpan('1', '', 'GET /slow', 0, 300)], metrics: [...METRICS] });
    const page = await viewer.open('/metrics');
    await page.getByRole('img', { name: 'process.memory.usage, 1 series, 3 moments, last 15 By' }).waitFor();
    await page.getByRole('img', { name: /^http.server.request.duration in s: heat map of 26 measurements, 1 exemplars/ }).waitFor();
    await page.getByLabel('Search metrics').fill('memory in use');
    await page.getByText('1 metric', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: 'Series' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Exemplar 300 ms, trace 4bf92f35' }).click();
    await page.getByRole('heading', { name: /GET \/slow/, level: 1 }).waitFor();
    await page.context().close();
  });

  test('queues: figures, dead letters whose replay asks first, breakers over time', async () => {
    viewer.add({ metrics: [...QUEUE_METRICS] });
    const page = await viewer.open('/queues');
    const card = page.getByRole('region', { name: 'Queue webhooks' });
    await card.getByText('12').waitFor();
    expect(await card.locator('.error').allTextContents()).toEqual(['oldest waits1m5s', 'dead letters1']);
    await page
      .getByRole('listitem')
      .filter({ hasText: /paddle.*closed/ })
      .waitFor();
    expect(await page.locator('.states .state').count()).toBe(4);

    await card.getByRole('button', { name: 'Dead letters' }).click();
    await card.getByRole('button', { name: 'Replay evt_1' }).click();
    await page.getByRole('dialog', { name: 'Replay a dead letter' }).getByRole('button', { name: 'Leave it' }).click();
    expect(replayed).toEqual([]);
    await card.getByRole('button', { name: 'Replay evt_1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click();
    await page.getByText('evt_1 is back in the queue').waitFor();
    expect(replayed).toEqual(['webhooks/evt_1']);
    await page.context().close();
  });

  test('now: what processes do at this moment, and those that do not answer', async () => {
    now = { processes: PROCESSES };
    const page = await viewer.open('/now');
    const card = page.getByRole('region', { name: 'orders-api, process 4711' });
    await card.getByRole('table', { name: 'Open requests' }).getByText('POST /orders').waitFor();
    expect(await card.locator('.error').allTextContents()).toEqual([
      'longest block240 ms',
      'spans9 of 10 sent, 1 dropped',
      '42.0 s',
      'open',
    ]);
    await page.getByText('pid 4718 does not answer: its event loop is blocked').waitFor();
    now = { processes: [] };
    await page.getByText('No preloaded process of this user was found').waitFor();
    await page.context().close();
  });

  test('keys lead from page to page, to the help, and through the colours', async () => {
    viewer.add({ spans: [makeSpan('1', '', 'GET /', 0, 1)] });
    const page = await viewer.open('/');
    await page.getByRole('list', { name: 'Traces' }).waitFor();
    for (const [key, path] of [
      ['l', 'logs'],
      ['m', 'metrics'],
      ['q', 'queues'],
      ['n', 'now'],
      ['t', 'traces'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.locator(`nav a[href^="/${path}"][aria-current=page]`).waitFor();
    }
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
    const shown = () => page.evaluate('getComputedStyle(document.documentElement).colorScheme');
    expect(await shown()).toBe('light');
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    expect(await shown()).toBe('dark');
    await page.reload();
    await page.getByRole('list', { name: 'Traces' }).waitFor();
    expect(await shown()).toBe('dark');
    await page.context().close();
    const dark = await viewer.open('/', { colorScheme: 'dark' });
    expect(await dark.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('dark');
    await dark.context().close();
  });

  test('a trace that is exported is opened again by dropping its file on the page', async () => {
    viewer.add({ spans: [makeSpan('1', '', 'GET /exported', 0, 1)] });
    const page = await viewer.open(`/traces/${TRACE_ID}`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export' }).click()]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    viewer.clear();
    await page.goto(viewer.url);
    await page.evaluate(`
      const files = new DataTransfer();
      files.items.add(new File([${JSON.stringify(text)}], 'trace.json'));
      for (const type of ['dragover', 'drop']) document.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
    `);
    await page.getByRole('heading', { name: /GET \/exported/, level: 1 }).waitFor();
    await page.context().close();
  });

  test.each([400, 1280, 3840])('nothing is wider than a window of %d pixels', async (width) => {
    viewer.add({
      spans: [makeSpan('1', '', 'GET /a/very/long/route/that/does/not/fit/anywhere', 0, 1), makeSpan('2', '1', 'SELECT', 0, 1)],
      logs: [makeLog('1', 'a log line '.repeat(40), 1)],
      metrics: [makeMetric('a.metric.with.a.long.name.that.does.not.fit', 'gauge', [1, 2])],
    });
    for (const path of ['/traces', `/traces/${TRACE_ID}?span=${spanId('1')}`, '/logs', '/metrics', '/queues', '/now']) {
      const page = await viewer.open(path, { viewport: { width, height: 800 } });
      await page.locator('main h1, main .row').first().waitFor({ state: 'attached' });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.context().close();
    }
  });
});
