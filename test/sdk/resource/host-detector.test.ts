import { hostDetector as upstream } from '@opentelemetry/resources';
import { expect, test } from 'vitest';
import { hostDetector } from '../../../src/sdk/resource/host-detector.ts';

test("it says what upstream's detector does, at once", async () => {
  const expected = upstream.detect().attributes ?? {};
  const names = Object.keys(expected);
  const values = await Promise.all(Object.values(expected));
  expect(hostDetector.detect().attributes).toEqual(Object.fromEntries(names.map((name, index) => [name, values[index]])));
});
