// 100,000 spans at 10,000 a second while a page is open: it stays small. The processor time of its longest task is printed: 100 ms are a frame that is seen.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needsChromium } from '../../support/requirements.ts';
import { makeSpan, TRACE_ID } from '../spans.ts';
import { type ShownViewer, startShownViewer } from './shown-viewer.ts';

const SPANS = 100_000;
const EXPORT = 500;
const EVERY_MS = 50;
/** As spans of a database have them. */
const ATTRIBUTES = {
  'db.system.name': 'postgresql',
  'db.query.text': 'SELECT * FROM orders WHERE id = ?',
  'server.address': 'db',
  'server.port': 5432,
};

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
    const longest = await viewer.recordTasks(page);
    let sent = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const spans = Array.from({ length: EXPORT }, (_, index) => {
          const number = sent + index;
          // Traces of ten spans; a fifth of all in the trace that is looked at.
          const traceId = number % 5 === 0 ? TRACE_ID : String(Math.floor(number / 10) + 1).padStart(32, '0');
          return makeSpan(String(number + 2), number % 10 === 0 ? '' : '1', `span ${number % 50}`, number / 10, number / 10 + 5, {
            traceId,
            attributes: ATTRIBUTES,
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
    console.log(`longest tasks of ${path}: ${(await longest()).join(', ')} ms`);
    expect(Number(await page.evaluate("document.querySelectorAll('*').length"))).toBeLessThan(4_000);
    await page.context().close();
  });
});
