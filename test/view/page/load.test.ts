// 100,000 spans at 10,000 a second while a page is open: it stays small, and its longest task is printed (under 100 ms on a quiet machine).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needsChromium } from '../../support/requirements.ts';
import { makeSpan, TRACE_ID } from '../spans.ts';
import { type ShownViewer, startShownViewer } from './shown-viewer.ts';

const SPANS = 100_000;
const EXPORT = 500;
const EVERY_MS = 50;
/** Tasks of the main thread longer than 50 ms, as the browser itself measures them. */
const OBSERVE = `
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
  }).observe({ type: 'longtask' });
`;

let viewer: ShownViewer;

describe('load', await needsChromium(), () => {
  beforeAll(async () => {
    viewer = await startShownViewer();
  });
  afterAll(() => viewer?.close());

  test.each(['/traces', `/traces/${TRACE_ID}`, '/logs'])('%s', async (path) => {
    viewer.clear();
    viewer.add({ spans: [makeSpan('1', '', 'GET /', 0, 1)] });
    const page = await viewer.open(path);
    await page.locator('main').waitFor();
    await page.evaluate(OBSERVE);
    let sent = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const spans = Array.from({ length: EXPORT }, (_, index) => {
          const number = sent + index;
          // Traces of ten spans; a twentieth of all in the trace that is looked at.
          const traceId = number % 20 === 0 ? TRACE_ID : String(Math.floor(number / 10) + 1).padStart(32, '0');
          return makeSpan(String(number + 2), number % 10 === 0 ? '' : '1', `span ${number % 50}`, number / 10, number / 10 + 5, {
            traceId,
          });
        });
        viewer.add({ spans });
        sent += EXPORT;
        if (sent < SPANS) return;
        clearInterval(timer);
        resolve();
      }, EVERY_MS);
    });
    await page.getByText('100\u202f001 spans').first().waitFor();
    const longest = Number(await page.evaluate('window.longest'));
    console.log(`longest task of ${path}: ${Math.round(longest)} ms`);
    expect(Number(await page.evaluate("document.querySelectorAll('*').length"))).toBeLessThan(4_000);
    await page.context().close();
  });
});
