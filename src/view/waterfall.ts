// Draws one trace as text: the tree of its spans beside their bars on a common time axis, with the log lines of each span.
//
//   POST /webhooks/paddle            server   api     12.4ms |██████          |
//   └─ send webhooks                 producer api      1.9ms | ██             |
//      └─ process webhooks           consumer worker   8.1ms |      ▕█████    | ✗ ERROR

import type { AttributeValue, LogRecord, Span } from './telemetry.js';

export interface WaterfallOptions {
  /** Columns a line may have; at least 60. Default 120. */
  width?: number;
  /** Colour by ANSI escape codes. Default false. */
  colors?: boolean;
}

/** A span with what hangs below it. */
export interface SpanNode {
  span: Span;
  children: SpanNode[];
}

const BOLD = '1';
const DIM = '2';
const RED = '31';
const CYAN = '36';

/**
 * The spans as trees: a span whose parent is not among them is a root; siblings are in the order of their start.
 * Spans that are each other's ancestors (a broken sender) still appear, once each.
 */
export function buildSpanTrees(spans: readonly Span[]): SpanNode[] {
  const nodes = new Map<string, SpanNode>();
  for (const span of [...spans].sort(byStart)) nodes.set(`${span.traceId}/${span.spanId}`, { span, children: [] });
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(`${node.span.traceId}/${node.span.parentSpanId}`);
    if (parent === undefined || isAncestor(node, parent, nodes)) roots.push(node);
    else parent.children.push(node);
  }
  return roots;
}

function isAncestor(node: SpanNode, of: SpanNode, nodes: ReadonlyMap<string, SpanNode>): boolean {
  const seen = new Set<SpanNode>();
  for (let at: SpanNode | undefined = of; at !== undefined && !seen.has(at); ) {
    if (at === node) return true;
    seen.add(at);
    at = nodes.get(`${at.span.traceId}/${at.span.parentSpanId}`);
  }
  return false;
}

/** Draws the spans of one trace, and the log lines written in each where `logs` are given. No line is wider than `width`. */
export function renderWaterfall(spans: readonly Span[], logs: readonly LogRecord[] = [], options: WaterfallOptions = {}): string {
  if (spans.length === 0) return '(no spans)';
  const drawing = new Drawing(spans, logs, Math.max(60, options.width ?? 120), options.colors ?? false);
  return drawing.lines().join('\n');
}

class Drawing {
  readonly #spans: readonly Span[];
  readonly #logs: readonly LogRecord[];
  readonly #width: number;
  readonly #colors: boolean;
  readonly #start: bigint;
  readonly #total: bigint;
  readonly #columns: { name: number; service: number; bar: number };
  readonly #lines: string[] = [];

  constructor(spans: readonly Span[], logs: readonly LogRecord[], width: number, colors: boolean) {
    this.#spans = spans;
    this.#logs = logs;
    this.#width = width;
    this.#colors = colors;
    this.#start = spans.reduce((least, span) => (span.startTimeUnixNano < least ? span.startTimeUnixNano : least), firstStart(spans));
    const end = spans.reduce((most, span) => (span.endTimeUnixNano > most ? span.endTimeUnixNano : most), this.#start);
    this.#total = end > this.#start ? end - this.#start : 1n;
    const service = Math.min(16, Math.max(...spans.map((span) => textWidth(clean(span.service)))));
    // name, 1 space, kind (8), 1, service, 1, duration (8), 1, |bar|, and 8 for the error mark.
    const rest = width - service - 8 - 8 - 4 - 2 - 8;
    const name = Math.max(12, Math.min(Math.floor(rest * 0.6), 60));
    this.#columns = { name, service, bar: Math.max(8, rest - name) };
  }

  lines(): string[] {
    const errors = this.#spans.filter((span) => span.status.code === 'ERROR').length;
    const services = new Set(this.#spans.map((span) => span.service).filter((service) => service !== '')).size;
    const facts = [`${this.#spans.length} spans`, `${services} services`, formatDuration(this.#total)];
    if (errors > 0) facts.push(`${errors} with errors`);
    this.#push(`trace ${this.#spans[0]?.traceId ?? ''}  ${facts.join(' · ')}`, BOLD);
    const roots = buildSpanTrees(this.#spans);
    for (const root of roots) this.#drawNode(root, '', '');
    return this.#lines;
  }

  #drawNode(node: SpanNode, head: string, indent: string): void {
    this.#drawSpan(node.span, head);
    const below = node.children.length > 0 ? '│  ' : '   ';
    for (const link of node.span.links) {
      const elsewhere = link.traceId === node.span.traceId ? '' : ` of trace ${link.traceId}`;
      this.#push(`${indent}${below}⤷ linked to span ${link.spanId}${elsewhere}`, DIM);
    }
    for (const log of this.#logs) if (log.spanId === node.span.spanId) this.#drawLog(log, `${indent}${below}`);
    // Deep recursion would need a sender of thousands of nested spans; the indent alone has left the page long before.
    node.children.forEach((child, index) => {
      const last = index === node.children.length - 1;
      this.#drawNode(child, `${indent}${last ? '└─ ' : '├─ '}`, `${indent}${last ? '   ' : '│  '}`);
    });
  }

  #drawSpan(span: Span, head: string): void {
    const failed = span.status.code === 'ERROR';
    const { name, service, bar } = this.#columns;
    const line = [
      cell(head + clean(span.name), name),
      cell(span.kind.toLowerCase(), 8),
      ...(service > 0 ? [cell(clean(span.service), service)] : []),
      formatDuration(span.endTimeUnixNano - span.startTimeUnixNano).padStart(8),
      `|${this.#bar(span, bar)}|`,
    ].join(' ');
    this.#push(failed ? `${line} ✗ ERROR` : line, failed ? RED : undefined);
  }

  #drawLog(log: LogRecord, indent: string): void {
    const at = (log.timeUnixNano || log.observedTimeUnixNano) - this.#start;
    const severity = clean(log.severityText || severityName(log.severityNumber)).toUpperCase();
    this.#push(`${indent}· ${at < 0n ? '' : '+'}${formatDuration(at)} ${severity} ${clean(bodyText(log.body))}`, CYAN);
  }

  /** At least one mark for each span, however short. */
  #bar(span: Span, width: number): string {
    const column = (at: bigint): number => Number(((at - this.#start) * BigInt(width)) / this.#total);
    const from = Math.min(width - 1, Math.max(0, column(span.startTimeUnixNano)));
    const to = Math.min(width, Math.max(from + 1, column(span.endTimeUnixNano)));
    return ' '.repeat(from) + '█'.repeat(to - from) + ' '.repeat(width - to);
  }

  #push(line: string, color?: string): void {
    const bounded = textWidth(line) > this.#width ? cell(line, this.#width) : line.trimEnd();
    this.#lines.push(this.#colors && color !== undefined ? `\x1b[${color}m${bounded}\x1b[0m` : bounded);
  }
}

/** `850ns`, `12.4µs`, `3.1ms`, `2.5s`, `3m12s`. */
export function formatDuration(nanoseconds: bigint): string {
  const value = Number(nanoseconds < 0n ? -nanoseconds : nanoseconds);
  const sign = nanoseconds < 0n ? '-' : '';
  if (value < 1e3) return `${sign}${value}ns`;
  if (value < 1e6) return `${sign}${short(value / 1e3)}µs`;
  if (value < 1e9) return `${sign}${short(value / 1e6)}ms`;
  if (value < 60e9) return `${sign}${short(value / 1e9)}s`;
  return `${sign}${Math.floor(value / 60e9)}m${Math.floor((value % 60e9) / 1e9)}s`;
}

function short(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.floor(value).toString();
}

/** The name of a severity number: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
export function severityName(severityNumber: number): string {
  return ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'][Math.floor((severityNumber - 1) / 4)] ?? '';
}

/** A log body as one piece of text. */
export function bodyText(body: AttributeValue): string {
  return typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
}

/** What a sender wrote may hold escape codes and line ends: neither may reach the terminal. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

function textWidth(text: string): number {
  return [...text].length;
}

function cell(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text + ' '.repeat(width - characters.length);
  return `${characters.slice(0, width - 1).join('')}…`;
}

function firstStart(spans: readonly Span[]): bigint {
  return spans[0]?.startTimeUnixNano ?? 0n;
}

function byStart(left: Span, right: Span): number {
  return left.startTimeUnixNano < right.startTimeUnixNano ? -1 : left.startTimeUnixNano > right.startTimeUnixNano ? 1 : 0;
}
