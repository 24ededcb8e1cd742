// The list of open operations: order, ends, the bound, and what it holds.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Context, DiagLogLevel, diag, ROOT_CONTEXT } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { RunningOperation, RunningOperations } from '../../src/observe/running-operations.js';

class Step extends RunningOperation {
  readonly category = 'query';
  readonly context: Context = ROOT_CONTEXT;
  readonly startedAt: number;
  readonly title: string;
  readonly #isHeld: boolean;

  constructor(startedAt: number, isHeld = false) {
    super();
    this.startedAt = startedAt;
    this.title = String(startedAt);
    this.#isHeld = isHeld;
  }

  override get isHeld(): boolean {
    return this.#isHeld;
  }
}

afterEach(() => diag.disable());

const titles = (list: RunningOperations): string[] => [...list].map(({ title }) => title);

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  gc();
}

test('what has begun and not ended is listed, oldest first', () => {
  const list = new RunningOperations();
  const steps = [1, 2, 3, 4].map((at) => new Step(at));
  for (const step of steps) list.add(step);
  expect(titles(list)).toEqual(['1', '2', '3', '4']);
  for (const at of [1, 0, 3]) list.remove(steps[at] ?? new Step(0));
  expect(titles(list)).toEqual(['3']);
  for (const step of steps) list.remove(step);
  expect([titles(list), list.isEmpty]).toEqual([[], true]);
});

test('what has been open for long is taken out, and ends as all else does', () => {
  const list = new RunningOperations();
  const steps = [1, 2, 3].map((at) => new Step(at));
  for (const step of steps) list.add(step);
  expect([...list.takeLongRunning(2)].map((long) => long.deref()?.title)).toEqual(['1', '2']);
  expect(titles(list)).toEqual(['1', '2', '3']);
  expect(steps.map((step) => list.has(step))).toEqual([true, true, true]);
  for (const step of steps) list.remove(step);
  expect([titles(list), list.isEmpty, steps.map((step) => list.has(step))]).toEqual([[], true, [false, false, false]]);
});

test('what the app drops without an end is held until then, and a job for ever', async () => {
  const list = new RunningOperations();
  for (let at = 1; at <= 3; at++) list.add(new Step(at, at === 2));
  list.takeLongRunning(10);
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect([...list.takeLongRunning(10)].map((long) => long.deref()?.title)).toEqual(['2']);
  expect([titles(list), list.isEmpty]).toEqual([['2'], false]);
});

test('a bounded number is listed, which is said once', () => {
  const warn = vi.fn();
  const none = () => {};
  diag.setLogger(
    { error: none, warn, info: none, debug: none, verbose: none },
    { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
  );
  const list = new RunningOperations();
  const steps = Array.from({ length: 65_540 }, (_, at) => new Step(at));
  for (const step of steps) list.add(step);
  expect([...list]).toHaveLength(65_536);
  expect(warn).toHaveBeenCalledOnce();
  expect(warn).toHaveBeenCalledWith('SIETCH230', expect.stringContaining('more than 65536 are open at once'), expect.anything());
  for (const step of steps) list.remove(step);
  expect(list.isEmpty).toBe(true);
});

test('whoever watches is woken by the first operation, and only then', () => {
  const list = new RunningOperations();
  const woken = vi.fn(() => {
    list.isWatched = true;
  });
  list.onUnwatched = woken;
  list.isWatched = false;
  for (const at of [1, 2]) list.add(new Step(at));
  expect(woken).toHaveBeenCalledOnce();
});
