// The result of a job is made to JSON by BullMQ for its storage, as often with us as without: results
// may be large.
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { spanNamed, startReceiver } from '../../support/otlp.ts';
import { freshRedis } from '../../support/servers.ts';

test('the result of a job that is observed is made to JSON as often as that of one that is not', async () => {
  const receiver = await startReceiver();
  const timesMade = async (disabled: string): Promise<string | undefined> => {
    const app = runApp('test/app/queue-result.mjs', { receiver, env: { REDIS_URL: await freshRedis(), OTEL_SDK_DISABLED: disabled } });
    try {
      const [, times] = await app.waitForLine(/^made (\d+) times$/);
      expect((await app.waitForExit()).code).toBe(0);
      return times;
    } finally {
      await app.stop();
    }
  };
  try {
    expect(await timesMade('false')).toBe(await timesMade('true'));
  } finally {
    await receiver.close();
  }
  expect(spanNamed(receiver.store.spans, 'process results').attributes).toMatchObject({ 'sietch.queue.job.outcome': 'completed' });
});
