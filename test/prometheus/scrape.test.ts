import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { formatOf } from '../../src/prometheus/format.js';
import { Scraper } from '../../src/prometheus/scrape.js';
import { startCollecting } from './collecting.ts';

/** A scraper of one counter, which counts the scrapes. */
function startScraper(): Scraper {
  const { meter, collect } = startCollecting();
  const scrapes = meter.createCounter('scrapes');
  return new Scraper({
    source: {
      collect: () => {
        scrapes.add(1);
        return collect();
      },
    },
    deadlineMs: 1000,
    maxBytes: 1e6,
    translation: 'underscore_escaping_with_suffixes',
    onDrop: () => {},
  });
}

function countedIn(text: Buffer): number {
  return Number(/^scrapes_total\{.*\} (\d+)$/m.exec(text.toString())?.[1]);
}

test('scrapes that come at the same time have one answer, each format written once', async () => {
  const scraper = startScraper();
  const [one, other, text] = await Promise.all([
    scraper.scrape(formatOf('openmetrics')),
    scraper.scrape(formatOf('openmetrics')),
    scraper.scrape(formatOf('text')),
  ]);
  expect(other).toBe(one);
  expect([one, text].map(({ body }) => countedIn(body))).toEqual([1, 1]);
  expect(countedIn((await scraper.scrape(formatOf('text'))).body)).toBe(2);
});

test('the memory of an answer is used again when the last who held it has let go, not before', async () => {
  const scraper = startScraper();
  const first = await scraper.scrape(formatOf('text'));
  first.hold();
  first.hold();
  first.letGo();
  const second = await scraper.scrape(formatOf('text'));
  second.hold();
  expect(second.body.buffer).not.toBe(first.body.buffer);
  const zipped = first.gzipped();
  expect(countedIn(gunzipSync(await zipped))).toBe(1);
  expect(countedIn(first.body)).toBe(1);
  first.letGo();
  const third = await scraper.scrape(formatOf('text'));
  expect(third.body.buffer).toBe(first.body.buffer);
  expect([second, third].map(({ body }) => countedIn(body))).toEqual([2, 3]);
});

test('an answer that nobody lets go of stays as it is', async () => {
  const scraper = startScraper();
  const first = await scraper.scrape(formatOf('text'));
  first.hold();
  const second = await scraper.scrape(formatOf('text'));
  second.hold();
  second.letGo();
  await scraper.scrape(formatOf('text'));
  expect(countedIn(first.body)).toBe(1);
});
