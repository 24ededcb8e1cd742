// The examples of docs/queues.md: what an ORM writes in a processor is kept together with the claim, or not at all.
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { WebhookQueue, type WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { freePort } from '../support/ports.ts';
import { needs } from '../support/requirements.ts';
import { freshDatabase } from '../support/servers.ts';
import { exampleProcessor, ORMS } from './orms.ts';

for (const orm of ORMS) {
  const installed = await needs(`the example of ${orm} in docs/queues.md`, () => exampleProcessor(orm));

  describe(orm, installed, () => {
    let processor: Awaited<ReturnType<typeof exampleProcessor>>;
    let url: string;
    let sql: Pool;
    beforeAll(async () => {
      routeEvents('off');
      url = await freshDatabase();
      vi.stubEnv('DATABASE_URL', url);
      processor = await exampleProcessor(orm);
      sql = new Pool({ connectionString: url });
      await sql.query(
        "CREATE TABLE orders (id text PRIMARY KEY, paid boolean NOT NULL); INSERT INTO orders VALUES ('o-1', false), ('o-2', false)",
      );
    });
    afterAll(() => sql.end());

    const enqueue = async (orderId: string, work: NonNullable<WebhookQueueOptions<{ orderId: string }>['processor']>) => {
      const queue = new WebhookQueue<{ orderId: string }>({
        name: 'orms',
        connection: `redis://127.0.0.1:${await freePort()}`,
        claims: { connection: url },
        directProcessorFallback: true,
        processor: work,
      });
      try {
        return await queue.enqueue({ id: `paid-${orderId}`, type: 'paid', payload: { orderId } });
      } finally {
        await queue.close();
      }
    };
    const paid = async () => (await sql.query<{ id: string }>('SELECT id FROM orders WHERE paid ORDER BY id')).rows.map(({ id }) => id);

    test('what it writes is kept with the claim', async () => {
      const failing = enqueue('o-2', async (event, context) => {
        await processor(event, context);
        throw new Error('after the write');
      });
      await expect(failing).rejects.toMatchObject({ code: 'WEBHOOK_DIRECT_FAILED' });
      expect(await paid()).toEqual([]);
      expect(await enqueue('o-1', (event, context) => processor(event, context))).toMatchObject({ mode: 'direct' });
      expect(await enqueue('o-1', (event, context) => processor(event, context))).toMatchObject({ mode: 'duplicate' });
      expect(await paid()).toEqual(['o-1']);
    });
  });
}
