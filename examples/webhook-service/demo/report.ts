// What the demo prints of one webhook: its trace, its log lines, its SQL as PostgreSQL saw it.

import type { Receiver } from '../../../src/view/receiver.ts';
import type { Span } from '../../../src/view/telemetry.ts';
import { renderWaterfall } from '../../../src/view/waterfall.ts';
import type { DemoWebhook } from './webhooks.ts';

export function heading(text: string): void {
  console.log(`\n\u2500\u2500 ${text} ${'\u2500'.repeat(Math.max(0, 96 - text.length))}`);
}

export function printTrace(spans: readonly Span[]): void {
  console.log(renderWaterfall(spans, [], { width: Math.min(process.stdout.columns ?? 120, 140), colors: process.stdout.isTTY }));
}

/** Which of the webhooks' traces have arrived, and why they were kept. */
export function printShare({ store }: Receiver, webhooks: readonly DemoWebhook[]): void {
  const traces = webhooks.map(({ what, traceId }) => ({ what, spans: store.trace(traceId).spans }));
  const arrived = traces.filter(({ spans }) => spans.length > 0);
  console.log(`\n  ${arrived.length} of ${webhooks.length} traces were sent:`);
  for (const { what, spans } of arrived) {
    const reasons = spans.flatMap(({ service, attributes }) => {
      const reason = attributes['sietch.keep.reason'];
      return reason === undefined ? [] : [`${service}: ${reason}`];
    });
    console.log(`    ${what.padEnd(12)} ${String(spans.length).padStart(3)} spans  ${reasons.join(', ') || 'head sampling'}`);
  }
}

/** The lines of the service and its worker that carry the trace id. */
export function printLogLines(lines: readonly string[], traceId: string): void {
  for (const line of lines.filter((each) => each.includes(traceId) && each.startsWith('{'))) {
    const { level, time, name, pid, hostname, msg, err, ...rest }: Record<string, unknown> = JSON.parse(line);
    console.log(`  ${String(level).padEnd(3)} ${String(msg).padEnd(20)} ${JSON.stringify(rest)}`);
  }
}

/** The lines of PostgreSQL's own log that hold the trace id. */
export function printServerLog(log: string, traceId: string): void {
  const lines = log.split('\n').filter((line) => line.includes(traceId));
  for (const line of lines.slice(0, 3)) console.log(`  ${line.trim()}`);
}
