// Runs an app of test/app/conformance against a collector that keeps whole requests, and gives what the app said and what arrived. The titles of the tests in
// this folder are names of rows of OpenTelemetry's compliance matrix: docs/reference/compliance.md is made from them.
import { expect } from 'vitest';
import { type AppOptions, type Exit, runApp } from '../support/app.ts';
import type { Span } from '../support/otlp.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlp-server.ts';

export interface Conformance<Said> extends Pick<OtlpServer, 'store' | 'requests' | 'others'> {
  /** What the app printed. */
  readonly said: Said;
  readonly exit: Exit;
}

export async function runConformance<Said>(name: string, options: Pick<AppOptions, 'env' | 'preload'> = {}): Promise<Conformance<Said>> {
  const server = await startOtlpServer({ kind: 'http' });
  const env = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://${server.address}/zipkin`,
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
    // What arrives before is not by forceFlush().
    OTEL_BSP_SCHEDULE_DELAY: '60000',
    OTEL_BLRP_SCHEDULE_DELAY: '60000',
    OTEL_METRIC_EXPORT_INTERVAL: '60000',
    ...options.env,
  };
  const exit = await runApp(`test/app/conformance/${name}.cjs`, {
    ...options,
    receiver: { url: `http://${server.address}` },
    env,
  }).waitForExit();
  await server.close();
  const { store, requests, others } = server;
  expect(exit.stdout, exit.stderr).not.toBe('');
  return { said: JSON.parse(exit.stdout), exit, store, requests, others };
}

export function named(run: Pick<OtlpServer, 'store'>, name: string): Span {
  return run.store.spans.find((span) => span.name === name) ?? expect.fail(`no span named ${name}`);
}
