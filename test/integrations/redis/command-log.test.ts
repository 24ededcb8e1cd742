// The slow-command log, the command log, and how much a statement shows.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogRecord } from '../../support/otlp.ts';
import { type Redis, startRedis } from '../../support/redis.ts';
import { FormsApp } from './forms-app.ts';

let redis: Redis;
beforeAll(async () => {
  redis = await startRedis({ own: true, settings: { 'enable-debug-command': 'yes' } });
});
afterAll(() => redis?.stop());

async function withApp(env: Record<string, string>, use: (app: FormsApp) => Promise<void>): Promise<void> {
  const app = await FormsApp.start(`${redis.url}/3`, { env });
  try {
    await use(app);
  } finally {
    await app.stop();
  }
}

const records = (app: FormsApp, eventName: string): readonly LogRecord[] =>
  app.receiver.store.logs.filter((record) => record.eventName === eventName);

test('a slow command is logged with its trace and counted; one that blocks by design is not', () =>
  withApp({}, async (app) => {
    const { traceId } = await app.run('slow');
    const [span] = await app.spansOf(traceId);
    const record = await app.receiver.store.waitFor(() => records(app, 'sietch.redis.slow_command')[0]);
    expect(record).toMatchObject({ severityText: 'WARN', traceId, spanId: span?.spanId });
    expect(record.attributes).toEqual({
      'db.operation.name': 'debug',
      'db.namespace': '3',
      'db.query.text': 'debug',
      'server.address': '127.0.0.1',
      'server.port': redis.port,
      'sietch.duration_ms': expect.any(Number),
    });
    expect(Number(record.attributes['sietch.duration_ms'])).toBeGreaterThan(140);
    const line = app.app.stderr.split('\n').filter((text) => text.includes('sietch.redis.slow_command'));
    expect(line).toHaveLength(1);
    expect(JSON.parse(line[0] ?? '')).toMatchObject({ level: 40, trace_id: traceId, 'db.operation.name': 'debug' });
    expect(await app.metrics()).toMatch(/sietch_redis_slow_commands_total\{db_operation_name="debug".*\} 1$/m);
    expect(await app.metrics()).not.toMatch(/slow_commands_total\{db_operation_name="blpop"/);
  }));

test('when everything is slow, ten lines a second are enough, and the counter tells the rest', () =>
  withApp({}, async (app) => {
    await app.run('slowPipeline');
    await app.receiver.store.waitFor(() => records(app, 'sietch.redis.slow_command').length > 0);
    const total = [...(await app.metrics()).matchAll(/slow_commands_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
    expect(total).toBe(31);
    const logged = records(app, 'sietch.redis.slow_command').length;
    // Twenty when the second changes among them.
    expect(logged).toBeGreaterThanOrEqual(10);
    expect(logged).toBeLessThanOrEqual(20);
  }));

test('0 turns the slow-command log off', () =>
  withApp({ SIETCH_OTEL_REDIS_SLOW_MS: '0' }, async (app) => {
    await app.run('slow');
    expect(app.app.stderr).not.toContain('slow_command');
    expect(await app.metrics()).not.toContain('slow_commands_total{');
  }));

test('the command log is off by default', () =>
  withApp({}, async (app) => {
    await app.run('plain');
    expect(app.app.stderr).not.toContain('sietch.redis.command');
  }));

test('the command log names each command with its trace, but for those that poll', () =>
  withApp({ SIETCH_OTEL_REDIS_COMMAND_LOG: 'on', SIETCH_OTEL_REDIS_COMMAND_LOG_SKIP: 'EVAL, ping' }, async (app) => {
    const plain = await app.run('plain');
    await app.run('eval');
    const error = await app.run('error');
    await app.run('noParent');
    const lines = await app.receiver.store.waitFor(() => {
      const all = records(app, 'sietch.redis.command');
      return all.length >= 5 ? all : undefined;
    });
    const seen = lines.map(({ severityText, traceId, attributes }) => [
      severityText,
      traceId,
      attributes['db.query.text'],
      attributes['error.type'],
    ]);
    expect(seen).toEqual([
      ['DEBUG', plain.traceId, 'set user:?:cart', undefined],
      ['DEBUG', plain.traceId, 'get user:?:cart', undefined],
      ['DEBUG', error.traceId, 'set text', undefined],
      ['DEBUG', error.traceId, 'lpush text', 'WRONGTYPE'],
      ['DEBUG', '', 'get text', undefined],
    ]);
  }));

test.each([
  ['off', undefined],
  ['command', 'set'],
])('SIETCH_OTEL_REDIS_STATEMENT=%s', (statement, text) =>
  withApp({ SIETCH_OTEL_REDIS_STATEMENT: statement, SIETCH_OTEL_REDIS_COMMAND_LOG: 'on' }, async (app) => {
    const [span] = await app.spansOf((await app.run('plain')).traceId);
    expect(span?.attributes['db.query.text']).toBe(text);
    const record = await app.receiver.store.waitFor(() => records(app, 'sietch.redis.command')[0]);
    expect(record.attributes).not.toHaveProperty('db.query.text');
  }),
);
