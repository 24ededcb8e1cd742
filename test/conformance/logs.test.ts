// Rows of the section Logs.
import { beforeAll, expect, test } from 'vitest';
import { type Conformance, runConformance } from './conformance-run.ts';

interface Said {
  span: [string, string];
  enabled: boolean;
}

let run: Conformance<Said>;
beforeAll(async () => {
  run = await runConformance<Said>('logs');
});
const record = (body: string) => run.store.logs.find((each) => each.body === body) ?? expect.fail(`no record ${body}`);

test('LoggerProvider.Get Logger', () => expect(record('plain').scope).toMatchObject({ name: 'conformance', version: '1.2.3' }));
test('LoggerProvider.Get Logger accepts attributes', () => expect(record('plain').scope.attributes).toEqual({ team: 'payments' }));
test('LoggerProvider.ForceFlush', () => expect([run.exit.signal, run.store.logs.length]).toEqual(['SIGKILL', 4]));
test('Logger.Emit(LogRecord)', () =>
  expect(record('plain')).toMatchObject({
    severityNumber: 9,
    severityText: 'INFO',
    attributes: { n: 1 },
    timeUnixNano: 1_700_000_000_000_000_000n,
  }));
test('Logger.Emit(LogRecord) with Exception parameter', () =>
  expect(record('failed').attributes).toMatchObject({ 'exception.type': 'TypeError' }));
test('LogRecord.Set EventName', () =>
  expect(run.store.logs.find(({ eventName }) => eventName === 'order.placed')?.attributes).toEqual({ order: 7 }));
test('Logger.Enabled', () => expect(run.said.enabled).toBe(true));
test('Trace Context Injection', () => expect([record('in a span').traceId, record('in a span').spanId]).toEqual(run.said.span));
test('SchemaURL in ResourceLogs and ScopeLogs', () => {
  const sent = run.requests.find(({ signal }) => signal === 'logs');
  expect(sent?.bytes.includes('https://example.com/schemas/1')).toBe(true);
});
