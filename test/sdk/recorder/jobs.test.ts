// The flight recorder and BullMQ: a job that fails, is tried again, and has no attempts left; head sampling keeps nothing.
import { afterAll, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { allText, type Receiver, startReceiver } from '../../support/otlp.ts';
import { freshRedis } from '../../support/servers.ts';

const receivers: Receiver[] = [];
afterAll(async () => {
  for (const receiver of receivers) await receiver.close();
});

async function run(ways: readonly string[]): Promise<Receiver> {
  const receiver = await startReceiver();
  receivers.push(receiver);
  const REDIS_URL = await freshRedis();
  for (const way of ways) {
    const env = { REDIS_URL, OTEL_TRACES_SAMPLER: 'always_off', SIETCH_OTEL_RECORDER: 'on' };
    const { code, stderr } = await runApp('test/app/recorder-jobs.cjs', { args: [way], receiver, env }).waitForExit();
    expect(code, stderr).toBe(0);
  }
  expect(allText(receiver.store)).not.toContain('4111');
  return receiver;
}

function sent(receiver: Receiver): unknown[] {
  expect(receiver.store.traces()).toHaveLength(1);
  const [found] = receiver.store.traces();
  return (found?.spans ?? []).map(({ name, status, attributes }) => [name, status.code, attributes['sietch.keep.reason']]);
}

/*
 * send recorded        sietch.keep.reason=error
 * ├─ process recorded  ERROR
 * └─ process recorded  sietch.keep.reason=retry, in the next process
 */
test('an attempt that fails keeps the trace with the half that sent it; the next one keeps its own in another process', async () => {
  expect(sent(await run(['add', 'work']))).toEqual([
    ['send recorded', 'UNSET', 'error'],
    ['process recorded', 'ERROR', undefined],
    ['process recorded', 'UNSET', 'retry'],
  ]);
});

/*
 * send recorded        sietch.keep.reason=dead_letter
 * └─ process recorded  ERROR
 */
test('a job without attempts left is a dead letter', async () => {
  expect(sent(await run(['die']))).toEqual([
    ['send recorded', 'UNSET', 'dead_letter'],
    ['process recorded', 'ERROR', undefined],
  ]);
});
