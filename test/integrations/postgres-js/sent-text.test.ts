// The text that the server gets from postgres.js, in each way to send a query. The server is asked: pg_stat_activity.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { type Receiver, startReceiver } from '../../support/otlp.ts';
import { POSTGRES_JS_VERSIONS, postgresJsProject } from '../../support/postgres-js.ts';
import { freshDatabase } from '../../support/servers.ts';

const TEXT = 'select query from pg_stat_activity where pid = pg_backend_pid()';
const APPLICATION = "application='the%20shop'";
const TRACE = "traceparent='00-{trace}-{span}-01'";
/** A statement that the server keeps has the same text each time; others carry the ids of their own span. */
const KEPT = `/*${APPLICATION}*/`;
const OWN = `/*${APPLICATION},${TRACE}*/`;

describe.each(POSTGRES_JS_VERSIONS)('postgres %s', { timeout: INSTALLING_MS }, (version) => {
  let folder: string;
  const receivers: Receiver[] = [];
  beforeAll(async () => {
    folder = await postgresJsProject(version);
  }, INSTALLING_MS);
  afterAll(async () => {
    for (const receiver of receivers) await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the server got, by form; ids of the form's own span are written as {trace} and {span}. */
  async function sentTexts(env: Record<string, string> = {}): Promise<Record<string, string>> {
    const receiver = await startReceiver();
    receivers.push(receiver);
    const options = { args: [await freshDatabase()], receiver, cwd: folder, env: { OTEL_SERVICE_NAME: 'the shop', ...env } };
    const exit = await runApp(join(folder, 'comments.cjs'), options).waitForExit(30_000);
    expect(exit.code, exit.stderr).toBe(0);
    const { spans } = receiver.store;
    const texts = exit.stdout.matchAll(/^([^:]+): (.*)$/gm);
    return Object.fromEntries(
      Array.from(texts, ([, form = '', text = '']) => {
        const parent = spans.find(({ name }) => name === form);
        const own = spans.filter(({ parentSpanId }) => parent !== undefined && parentSpanId === parent.spanId);
        const ids = own.reduce(
          (sent, span) => sent.replace(span.traceId, '{trace}').replace(span.spanId, '{span}'),
          String(JSON.parse(text)),
        );
        return [form, ids];
      }),
    );
  }

  test('by default', async () => {
    expect(await sentTexts()).toEqual({
      tagged: `${TEXT} ${KEPT}`,
      'tagged, again': `${TEXT} ${KEPT}`,
      'tagged, values': `${TEXT} and $1 ${KEPT}`,
      // Both runs of the first are one statement of the server.
      statements: '2',
      unsafe: `${TEXT} ${OWN}`,
      'unsafe, values': `${TEXT} and $1::bool ${OWN}`,
      'unsafe, prepared': `${TEXT} and $1::bool ${KEPT}`,
      // 3.1.0 has no such method.
      simple: version === '3.1.0' ? 'none' : `${TEXT} ${OWN}`,
      file: `${TEXT} ${OWN}`,
      cursor: `${TEXT} ${OWN}`,
      unprepared: `${TEXT} ${OWN}`,
      transaction: `${TEXT} ${OWN}`,
      'several statements': `select 1; ${TEXT} ${OWN}`,
      'no comment': 'false',
    });
  });

  test('comments leading, and off', async () => {
    const leading = await sentTexts({ SIETCH_OTEL_PG_COMMENT_POSITION: 'leading' });
    expect(leading).toMatchObject({ tagged: `${KEPT} ${TEXT}`, unsafe: `${OWN} ${TEXT}`, unprepared: `${OWN} ${TEXT}` });
    const off = await sentTexts({ SIETCH_OTEL_PG_COMMENT: 'off' });
    expect(off).toMatchObject({ tagged: TEXT, unsafe: TEXT, unprepared: TEXT, statements: '2' });
  });
});
