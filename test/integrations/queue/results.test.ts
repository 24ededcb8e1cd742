// The result of a job is made to JSON once, by BullMQ for its storage, with us as without: results
// may be large.
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { spanNamed, startReceiver } from '../../support/otlp.ts';
import { freshRedis } from '../../support/servers.ts';

test.each([
  { kind: 'observed', disabled: 'false' },
  { kind: 'not observed', disabled: 'true' },
])('the result of a job that is $kind is made to JSON once', async ({ disabled }) => {
  const receiver = await startReceiver();
  const app = runApp('test/app/queue-result.mjs', { receiver, env: { REDIS_URL: await freshRedis(), OTEL_SDK_DISABLED: disabled } });
  try {
    await app.waitForLine(/^made 1 times$/);
    expect((await app.waitForExit()).code).toBe(0);
  } finally {
    await app.stop();
    await receiver.close();
  }
  if (disabled === 'false')
    expect(spanNamed(receiver.store.spans, 'process results').attributes).toMatchObject({ 'sietch.queue.job.outcome': 'completed' });
});
