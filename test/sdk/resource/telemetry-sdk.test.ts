// What the specification of resources asks of an SDK: each signal names it, in the attributes `telemetry.sdk.*`.
import core from '@opentelemetry/core/package.json' with { type: 'json' };
import { expect, test } from 'vitest';
import { ENV } from '../../exit/exit-ways.ts';
import { runApp } from '../../support/app.ts';
import { startReceiver } from '../../support/otlp.ts';

test('spans, log records and metrics name the SDK, its language and its version; the distribution beside it', async () => {
  const receiver = await startReceiver();
  const env = { ...ENV, OTEL_METRICS_EXPORTER: 'otlp' };
  await runApp('test/app/exit-ways.cjs', { args: ['natural'], receiver, env }).waitForExit();
  await receiver.close();
  const { spans, logs, metrics } = receiver.store;
  for (const signal of [spans, logs, metrics]) {
    expect(signal[0]?.resource).toMatchObject({
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': core.version,
      'telemetry.distro.name': '@sietch/otel',
    });
  }
});
