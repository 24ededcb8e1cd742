import type { ObservableResult } from '@opentelemetry/api';
import { TimeoutError } from '@opentelemetry/sdk-metrics';
import { describe, expect, test } from 'vitest';
import { Collector } from '../../../src/prometheus/collector.js';
import { writeExposition } from '../../../src/prometheus/exposition.js';
import { ObservedSeries } from '../../../src/sdk/metrics/observed-series.js';
import { startCollecting, WRITTEN } from '../../prometheus/collecting.ts';

/** Series of a scrape, as `labels value`. */
function start(deadlineMs = 1_000) {
  const collecting = startCollecting({}, new ObservedSeries());
  const collector = new Collector(collecting.reader, collecting.observed);
  const scrape = async () => {
    const text = writeExposition(await collector.collect(deadlineMs), WRITTEN).toString();
    return [...text.matchAll(/^(?!#)(\w+)\{(.*?),?otel_scope_name="app"\} (.*)$/gm)].map(
      ([, name, labels, value]) => `${name} ${labels} ${value}`,
    );
  };
  return { ...collecting, scrape };
}

describe.each(['createObservableGauge', 'createObservableCounter', 'createObservableUpDownCounter'] as const)('%s', (create) => {
  test('a series that is observed no more is gone, and comes back', async () => {
    const { meter, scrape } = start();
    let of = ['a', 'b'];
    meter[create]('o').addCallback((result) => {
      for (const each of of) result.observe(each.charCodeAt(0), { of: each });
    });
    const name = create === 'createObservableCounter' ? 'o_total' : 'o';
    expect(await scrape()).toEqual([`${name} of="a" 97`, `${name} of="b" 98`]);
    of = ['b'];
    expect(await scrape()).toEqual([`${name} of="b" 98`]);
    of = [];
    expect(await scrape()).toEqual([]);
    of = ['a', 'b'];
    expect(await scrape()).toEqual([`${name} of="a" 97`, `${name} of="b" 98`]);
  });
});

test('a callback that throws, then is late, then well again: its last value does not stand for it', async () => {
  const { meter, scrape } = start(50);
  let behave: (result: ObservableResult) => void | Promise<void> = (result) => result.observe(1);
  meter.createObservableGauge('g').addCallback((result) => behave(result));
  meter.createGauge('other').record(5);
  expect(await scrape()).toEqual(['g  1', 'other  5']);
  behave = () => {
    throw new Error('no');
  };
  expect(await scrape()).toEqual(['other  5']);
  let end = () => {};
  behave = (result) =>
    new Promise((resolve) => {
      end = () => {
        result.observe(2);
        resolve();
      };
    });
  expect(await scrape()).toEqual(['other  5']);
  end();
  await new Promise((resolve) => setImmediate(resolve));
  behave = (result) => result.observe(3);
  expect(await scrape()).toEqual(['g  3', 'other  5']);
});

test('a callback that has not ended is not called again, and costs later scrapes nothing', async () => {
  const { meter, reader } = start();
  let calls = 0;
  meter.createObservableGauge('g').addCallback(() => {
    calls++;
    return new Promise(() => {});
  });
  for (let scrape = 0; scrape < 3; scrape++) {
    const { errors } = await reader.collect({ timeoutMillis: scrape === 0 ? 20 : 100_000 });
    expect(errors).toEqual([expect.any(TimeoutError)]);
  }
  expect(calls).toBe(1);
});

test('a removed callback is removed; added twice it is called once', async () => {
  const { meter, scrape } = start();
  const gauge = meter.createObservableGauge('g');
  let calls = 0;
  const callback = (result: ObservableResult) => result.observe(++calls);
  gauge.addCallback(callback);
  gauge.addCallback(callback);
  expect(await scrape()).toEqual(['g  1']);
  gauge.removeCallback(callback);
  expect(await scrape()).toEqual([]);
});

test('callbacks for several instruments', async () => {
  const { meter, scrape } = start();
  const [one, two] = [meter.createObservableGauge('one'), meter.createObservableCounter('two')];
  let both = true;
  const callback: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    result.observe(one, 1, { a: 1, b: 2 });
    if (both) result.observe(two, 2);
  };
  meter.addBatchObservableCallback(callback, [one, two]);
  expect(await scrape()).toEqual(['one a="1",b="2" 1', 'two_total  2']);
  both = false;
  expect(await scrape()).toEqual(['one a="1",b="2" 1']);
  meter.removeBatchObservableCallback(callback, [one, two]);
  expect(await scrape()).toEqual([]);
});

test('the order of attributes does not matter', async () => {
  const { meter, scrape } = start();
  let turn = 0;
  meter.createObservableGauge('g').addCallback((result) => result.observe(++turn, turn === 1 ? { a: 1, b: 2 } : { b: 2, a: 1 }));
  expect(await scrape()).toEqual(['g a="1",b="2" 1']);
  expect(await scrape()).toEqual(['g a="1",b="2" 2']);
});

test('more series than are remembered stay', async () => {
  const { meter, scrape } = start();
  meter.createObservableGauge('g').addCallback((result) => {
    for (let index = 0; index < 15_000; index++) result.observe(index, { index });
  });
  expect(await scrape()).toHaveLength(2_000);
  expect(await scrape()).toHaveLength(2_000);
});
