// What the demo prints of one webhook: its trace, its log lines, its SQL as PostgreSQL saw it.

import { drawn, paint, paperOf } from '../../../src/view/paper.ts';
import type { Span } from '../../../src/view/telemetry.ts';
import { renderWaterfall } from '../../../src/view/waterfall.ts';
import type { Receiver } from '../../../test/support/otlp.ts';
import type { DemoWebhook } from './webhooks.ts';

/** What ends the longest lines: wider is hard to read. */
const MAX_WIDTH = 140;
const paper = paperOf(process.stdout);
const width = Math.min(paper.width, MAX_WIDTH);

export function heading(text: string): void {
  const line = drawn(`── ${text} ${'─'.repeat(Math.max(0, width - text.length - 4))}`, paper);
  console.log(`\n${paint(line, 'bold', paper)}`);
}

/** One line: as wide as the terminal, and whole in a pipe. */
export function print(line: string): void {
  const characters = [...line];
  const isTooWide = process.stdout.isTTY === true && characters.length > width;
  console.log(isTooWide ? `${characters.slice(0, width - 1).join('')}…` : line);
}

/** What to do next: the same traces on a page, the first three lines for an app of one's own, the stack. */
export function printNext(): void {
  heading('next');
  const lines: readonly (readonly [what: string, command: string, note: string])[] = [
    ['see it on a page', 'npx sietch-otel view', 'then npm run demo in another terminal: http://127.0.0.1:4318'],
    ['now your app', 'npm install @sietch/otel', ''],
    ['', 'npx sietch-otel view', 'in another terminal'],
    ['', 'node --require @sietch/otel/register app.js', ''],
    ['the whole stack', 'docker compose up -d', 'Jaeger, Prometheus, Grafana, Loki: deploy/README.md'],
  ];
  for (const [what, command, note] of lines)
    print(`  ${what.padEnd(18)}${note === '' ? command : `${command.padEnd(24)}${paint(note, 'dim', paper)}`}`);
}

export function printTrace(spans: readonly Span[]): void {
  console.log(renderWaterfall(spans, [], { ...paper, width }));
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
    print(`    ${what.padEnd(12)} ${String(spans.length).padStart(3)} spans  ${reasons.join(', ') || 'head sampling'}`);
  }
}

/** The lines of the service and its worker that carry the trace id. */
export function printLogLines(lines: readonly string[], traceId: string): void {
  for (const line of lines.filter((each) => each.includes(traceId) && each.startsWith('{'))) {
    const { level, time, name, pid, hostname, msg, err, ...rest }: Record<string, unknown> = JSON.parse(line);
    print(`  ${String(level).padEnd(3)} ${String(msg).padEnd(20)} ${JSON.stringify(rest)}`);
  }
}

/** The lines of PostgreSQL's own log that hold the trace id. */
export function printServerLog(log: string, traceId: string): void {
  const lines = log.split('\n').filter((line) => line.includes(traceId));
  for (const line of lines.slice(0, 3)) print(`  ${line.trim()}`);
}
