// What a screen reader and a weak eye meet on each page: axe-core finds nothing serious, in light and in dark.
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { needsChromium } from '../../support/requirements.ts';
import { spanId, TRACE_ID } from '../spans.ts';
import { addExamples, LETTER, PROCESSES } from './examples.ts';
import { type ShownViewer, startShownViewer } from './shown-viewer.ts';

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/**
 * Names of rows are sentences ("GET /orders, 2 errors, 12 ms"), not the texts of their columns in order: what that rule is for, speaking a control's name, is
 * possible by the beginning.
 */
const OPTIONS = JSON.stringify({ rules: { 'label-content-name-mismatch': { enabled: false } } });

/** Rule and element of each; `minor` and `moderate` ones are matters of taste. */
async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const answer = await page.evaluate(`axe.run(${OPTIONS}).then(({ violations }) => JSON.stringify(violations))`);
  const found: Violation[] = JSON.parse(String(answer));
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
}

type Show = (page: Page) => Promise<unknown>;
const nothing: Show = async () => undefined;
/** What is asked of a trace that is not there is answered by 404, and the browser says so. */
const notFound: Show = async () => {
  const complaints = viewer.complaints.splice(0);
  expect(complaints.filter((line) => !line.includes('status of 404'))).toEqual([]);
  expect(complaints).not.toEqual([]);
};
const PAGES: readonly [path: string, shown: string, act: Show][] = [
  ['/traces', '.rows .row', nothing],
  [`/traces/${TRACE_ID}?span=${spanId('1')}`, 'aside .attributes', nothing],
  ['/traces/00000000000000000000000000000001', 'main h1', notFound],
  ['/logs', '.rows .row', (page) => page.locator('.rows .row').first().click()],
  ['/metrics', '[data-card]', nothing],
  ['/metrics/http.server.request.duration', 'main table', nothing],
  ['/queues', '[data-card]', (page) => page.getByRole('button', { name: 'Dead letters' }).click()],
  ['/now', '[data-card]', nothing],
  ['/traces', '.rows .row', (page) => page.keyboard.press('?')],
];

let viewer: ShownViewer;

describe('for all', await needsChromium(), () => {
  beforeAll(async () => {
    const deadLetters = { list: async () => [LETTER], replay: async () => true };
    viewer = await startShownViewer({ now: async () => ({ processes: [...PROCESSES] }), deadLetters });
  });
  afterAll(() => viewer?.close());
  afterEach(() => expect(viewer.complaints).toEqual([]));

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test('while nothing has arrived', async () => {
      viewer.clear();
      const page = await viewer.open('/', { colorScheme });
      await page.getByText('Nothing has arrived yet.').waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      await page.context().close();
    });

    test.each(PAGES)('%s', async (path, shown, act) => {
      viewer.clear();
      addExamples(viewer);
      const page = await viewer.open(path, { colorScheme });
      await page.locator(shown).first().waitFor();
      await act(page);
      expect(await seriousViolations(page)).toEqual([]);
      await page.context().close();
    });
  });
});
