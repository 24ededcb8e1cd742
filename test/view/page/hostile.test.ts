// What a sender wrote is text on every page: nothing of it runs, turns other text around, or makes the page unusable.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiDeadLetter } from '../../../src/view/api.js';
import { needsChromium } from '../../support/requirements.ts';
import { makeLog, makeSpan, spanId, TRACE_ID } from '../spans.ts';
import { makeMetric } from './metrics.ts';
import { type ShownViewer, startShownViewer } from './shown-viewer.ts';

const SCRIPTS = [
  `"><script>window.executed = true</script>`,
  `<img src=x onerror="window.executed = true">`,
  `javascript:window.executed = true`,
  `'"><svg/onload=window.executed=true>`,
  `{{constructor.constructor('window.executed=true')()}}`,
];
/** Turns what follows around, hides, ends lines. */
const INVISIBLE = '\u202e\u2066\u200b\ufeff\u0000\u0007\u001b[31m\u2028\r\n\u0085';
const HOSTILE = SCRIPTS.join(' ') + INVISIBLE;
const LONG = 'x'.repeat(1_000_000);
const letter: ApiDeadLetter = {
  id: HOSTILE,
  type: HOSTILE,
  reason: HOSTILE,
  receivedAt: HOSTILE,
  diedAt: HOSTILE,
  replays: 0,
  store: HOSTILE,
  traceId: HOSTILE,
};

let viewer: ShownViewer;

describe('hostile senders', await needsChromium(), () => {
  beforeAll(async () => {
    viewer = await startShownViewer({ deadLetters: { list: async () => [letter], replay: async () => true } });
    const attributes = {
      [HOSTILE]: HOSTILE,
      nested: { [HOSTILE]: [HOSTILE] },
      __proto__: HOSTILE,
      long: LONG,
      'sietch.queue.job.attempt': HOSTILE,
    };
    const scope = { name: HOSTILE, version: HOSTILE, schemaUrl: HOSTILE, attributes };
    viewer.add({
      spans: [
        makeSpan('1', '', HOSTILE, 0, 1, {
          service: HOSTILE,
          attributes: { ...attributes, 'http.route': HOSTILE, 'sietch.keep.reason': HOSTILE },
          resource: attributes,
          scope,
          status: { code: 'ERROR', message: HOSTILE + LONG },
          events: [
            { name: HOSTILE, timeUnixNano: 2n ** 63n, attributes },
            {
              name: 'sietch.pg.slow_query',
              timeUnixNano: 0n,
              attributes: { 'db.query.text': HOSTILE + LONG, 'sietch.pg.blocker.pid': HOSTILE, 'sietch.pg.blocker.trace_id': HOSTILE },
            },
          ],
          links: [{ traceId: 'f'.repeat(32), spanId: spanId('9'), traceState: HOSTILE, attributes: { 'sietch.link.reason': HOSTILE } }],
        }),
        makeSpan('2', '1', LONG, -5, -9),
        ...Array.from({ length: 200 }, (_, index) =>
          makeSpan(String(index + 10), '1', HOSTILE, index, index, { service: `${HOSTILE}${index}` }),
        ),
      ],
      logs: [
        makeLog('1', HOSTILE, 0, {
          severityText: HOSTILE + LONG,
          service: HOSTILE,
          eventName: HOSTILE,
          attributes,
          scope,
          resource: attributes,
        }),
        makeLog('1', LONG, 0, { severityNumber: 99, timeUnixNano: 2n ** 64n - 1n }),
      ],
      metrics: [
        makeMetric(HOSTILE, 'sum', [1, 2], { description: HOSTILE, unit: HOSTILE, service: HOSTILE, attributes: { [HOSTILE]: HOSTILE } }),
        makeMetric('nan', 'gauge', [Number.NaN, Number.POSITIVE_INFINITY, 1e300, -1e300]),
        makeMetric('sietch.queue.depth', 'gauge', [1, 2], { attributes: { 'messaging.destination.name': HOSTILE, state: HOSTILE } }),
        makeMetric('sietch.circuit_breaker.state', 'gauge', [0, 1], { attributes: { name: HOSTILE } }),
      ],
    });
  });
  afterAll(() => viewer?.close());

  test.each([
    '/traces',
    `/traces?q=${encodeURIComponent(HOSTILE)}&service=${encodeURIComponent(HOSTILE)}&kept=${encodeURIComponent(HOSTILE)}`,
    `/traces/${TRACE_ID}?span=${spanId('1')}`,
    `/traces/${encodeURIComponent(HOSTILE)}`,
    `/logs?trace=${encodeURIComponent(HOSTILE)}`,
    '/logs',
    '/metrics',
    `/metrics/${encodeURIComponent(HOSTILE)}`,
    '/queues',
    '/now',
  ])('%s', async (path) => {
    const page = await viewer.open(path);
    await page.locator('main').waitFor();
    // Everything that can be opened is.
    for (const key of ['j', 'Enter', 'Escape', 'j', 'Enter']) await page.keyboard.press(key);
    for (const name of ['Dead letters', /^Replay/]) {
      const button = page.getByRole('button', { name }).first();
      if (await button.isVisible().catch(() => false)) await button.click();
    }
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
    expect(await page.evaluate('window.executed')).toBeUndefined();
    const scripts = await page.evaluate(
      "[...document.querySelectorAll('script, img, iframe, object, embed, [onerror], [onload]')].map((e) => e.outerHTML)",
    );
    expect(scripts).toEqual(['<script type="module" src="/assets/page.js"></script>']);
    const shown = String(await page.evaluate('document.body.innerText'));
    expect(shown.match(/[\p{Cf}\u2028\u2029]|(?![\n\t])\p{Cc}/gu)).toBeNull();
    const addresses = await page.evaluate("[...document.querySelectorAll('a')].map((a) => a.protocol).filter((p) => p !== 'http:')");
    expect(addresses).toEqual([]);
    expect(Number(await page.evaluate('document.documentElement.outerHTML.length'))).toBeLessThan(2_000_000);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.context().close();
    const own = viewer.complaints.filter((line) => !line.includes('status of 4'));
    expect(own).toEqual([]);
    viewer.complaints.length = 0;
  });
});
