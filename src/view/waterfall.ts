// Draws one trace as text: the tree of its spans beside their bars on a common time axis, with the
// log lines of each span.
//
//   POST /webhooks/paddle            server   api     12.4ms |██████          |
//   └─ send webhooks                 producer api      1.9ms | ██             |
//      └─ process webhooks           consumer worker   8.1ms |       █████    | ✗ ERROR

import { cleanText, count, formatDuration, severityName, valueText } from './format.js';
import { pushTo } from './lists.js';
import { drawn, type Paper, paint, type Style } from './paper.js';
import { buildSpanTrees, type TreeRow, treeRows } from './span-tree.js';
import type { LogRecord, Span } from './telemetry.js';

/** At least 60 columns. */
const DEFAULT_PAPER: Paper = { width: 120, colors: false, boxes: true };
const ERROR_MARK = ' ✗ ERROR';
const KIND_WIDTH = 8;
const DURATION_WIDTH = 8;

/**
 * Draws the spans of one trace, and the log lines written in each where `logs` are given. No line
 * is wider than `width`.
 */
export function renderWaterfall(spans: readonly Span[], logs: readonly LogRecord[] = [], options: Partial<Paper> = {}): string {
  if (spans.length === 0) return '(no spans)';
  const paper = { ...DEFAULT_PAPER, ...options };
  const drawing = new Drawing(spans, { ...paper, width: Math.max(60, paper.width) });
  const logsOf = new Map<string, LogRecord[]>();
  for (const log of logs) pushTo(logsOf, log.spanId, log);
  drawing.title();
  for (const row of treeRows(buildSpanTrees(spans))) drawing.row(row, logsOf.get(row.node.span.spanId) ?? []);
  return drawing.lines.join('\n');
}

class Drawing {
  readonly lines: string[] = [];
  readonly #spans: readonly Span[];
  readonly #paper: Paper;
  readonly #start: bigint;
  readonly #total: bigint;
  readonly #columns: { name: number; service: number; bar: number };

  constructor(spans: readonly Span[], paper: Paper) {
    this.#spans = spans;
    this.#paper = paper;
    let service = 0;
    let start = spans[0]?.startTimeUnixNano ?? 0n;
    let end = start + 1n;
    for (const span of spans) {
      service = Math.min(16, Math.max(service, widthOf(cleanText(span.service))));
      if (span.startTimeUnixNano < start) start = span.startTimeUnixNano;
      if (span.endTimeUnixNano > end) end = span.endTimeUnixNano;
    }
    this.#start = start;
    this.#total = end - start;
    // Between the columns stand four spaces, around the bar two lines.
    const rest = paper.width - KIND_WIDTH - service - DURATION_WIDTH - ERROR_MARK.length - 4 - 2;
    const name = Math.max(12, Math.min(Math.floor(rest * 0.6), 60));
    this.#columns = { name, service, bar: Math.max(8, rest - name) };
  }

  title(): void {
    const errors = this.#spans.filter((span) => span.status.code === 'ERROR').length;
    const services = new Set(this.#spans.map((span) => span.service)).size;
    const facts = [count(this.#spans.length, 'span'), count(services, 'service'), formatDuration(this.#total)];
    if (errors > 0) facts.push(count(errors, 'error'));
    this.#push(`trace ${this.#spans[0]?.traceId ?? ''}  ${facts.join(' · ')}`, 'bold');
  }

  row({ node, head, indent }: TreeRow, logs: readonly LogRecord[]): void {
    const { span, children } = node;
    this.#pushSpan(span, drawn(head, this.#paper));
    const below = drawn(`${indent}${children.length > 0 ? '│  ' : '   '}`, this.#paper);
    for (const link of span.links) {
      const elsewhere = link.traceId === span.traceId ? '' : ` of trace ${link.traceId}`;
      this.#push(`${below}${drawn('⤷', this.#paper)} linked to span ${link.spanId}${elsewhere}`, 'dim');
    }
    for (const log of logs) this.#pushLog(log, below);
  }

  #pushSpan(span: Span, head: string): void {
    const failed = span.status.code === 'ERROR';
    const { name, service, bar } = this.#columns;
    const line = [
      cell(head + cleanText(span.name), name),
      cell(span.kind.toLowerCase(), KIND_WIDTH),
      cell(cleanText(span.service), service),
      formatDuration(span.endTimeUnixNano - span.startTimeUnixNano).padStart(DURATION_WIDTH),
      `|${this.#bar(span, bar)}|`,
    ].join(' ');
    this.#push(failed ? line + drawn(ERROR_MARK, this.#paper) : line, failed ? 'alarm' : undefined);
  }

  #pushLog(log: LogRecord, indent: string): void {
    const at = (log.timeUnixNano || log.observedTimeUnixNano) - this.#start;
    const severity = cleanText(log.severityText || severityName(log.severityNumber)).toUpperCase();
    this.#push(`${indent}· ${at < 0n ? '' : '+'}${formatDuration(at)} ${severity} ${cleanText(valueText(log.body))}`, 'note');
  }

  /** The bar of a span: at least one mark, however short the span is. */
  #bar(span: Span, width: number): string {
    const column = (at: bigint): number => Number(((at - this.#start) * BigInt(width)) / this.#total);
    const from = Math.min(width - 1, Math.max(0, column(span.startTimeUnixNano)));
    const to = Math.min(width, Math.max(from + 1, column(span.endTimeUnixNano)));
    return ' '.repeat(from) + drawn('█', this.#paper).repeat(to - from) + ' '.repeat(width - to);
  }

  #push(line: string, style?: Style): void {
    const { width } = this.#paper;
    const bounded = widthOf(line) > width ? cell(line, width) : line.trimEnd();
    this.lines.push(style === undefined ? bounded : paint(bounded, style, this.#paper));
  }
}

function widthOf(text: string): number {
  return [...text].length;
}

function cell(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text + ' '.repeat(width - characters.length);
  return `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
