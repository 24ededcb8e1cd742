// One trace on the page: its waterfall, where each span opens to its details, and its log records.

import { count, formatDuration, severityName, valueText } from './format.js';
import { type Html, html } from './html.js';
import { renderServices, serviceStyle } from './service-color.js';
import { renderDetails } from './span-details.js';
import { buildSpanTrees, type TreeRow, treeRows } from './span-tree.js';
import type { Attributes, LogRecord } from './telemetry.js';
import { groupBySpan, type Trace } from './trace-store.js';
import { extentOf, summarize } from './trace-summary.js';

/**
 * Spans and log records drawn at most, each, and characters of HTML for them: a browser has its
 * limits.
 */
const MAX_ROWS = 2_000;
const MAX_LENGTH = 8_000_000;

/** The time axis. */
interface Scale {
  start: bigint;
  duration: bigint;
}

/** @param trace one with at least one span */
export function renderTrace(trace: Trace): Html {
  const summary = summarize(trace);
  const scale = extentOf(trace.spans);
  const rows = treeRows(buildSpanTrees(trace.spans));
  const logs = groupBySpan(trace.logs);
  const drawn = renderRows(rows, (row) => renderRow(row, logs.get(row.node.span.spanId) ?? [], scale));
  const errors = summary.errorCount > 0 ? html`<span class="badge">${count(summary.errorCount, 'error')}</span>` : '';
  return html`<h2>${summary.name}</h2>
<div class="facts small">
  <span class="mono">${trace.traceId}</span><span>${new Date(Number(scale.start / 1_000_000n)).toLocaleString('en-GB')}</span>
  <span>${formatDuration(scale.duration)}</span><span>${count(summary.spanCount, 'span')}</span>${errors}${renderServices(summary.services)}
</div>
<section class="panel" aria-label="Waterfall">
  ${renderAxis(scale)}
  ${drawn}
</section>
${renderRest(rows.length - drawn.length, 'span', trace.traceId)}
<h3>Log records</h3>
${renderLogs(trace, scale)}`;
}

function renderAxis(scale: Scale): Html {
  const ticks = [0n, 1n, 2n, 3n, 4n].map((quarter) => {
    const at = Number(quarter) * 25;
    return html`<span style="left:${at}%">${formatDuration((scale.duration * quarter) / 4n)}</span>`;
  });
  return html`<div class="axis"><span class="name">span</span><span class="duration">duration</span><span class="ticks">${ticks}</span></div>`;
}

function renderRow({ node: { span }, head }: TreeRow, logs: readonly LogRecord[], scale: Scale): Html {
  const failed = span.status.code === 'ERROR';
  const from = percent(span.startTimeUnixNano, scale);
  const width = Math.max(0, percent(span.endTimeUnixNano, scale) - from);
  const marks = logs.map((log) => {
    const title = `${severityOf(log)} ${valueText(log.body).slice(0, 200)}`;
    return html`<span class="mark ${severityClass(log)}" style="left:${percent(timeOf(log), scale)}%" title="${title}"></span>`;
  });
  return html`<details id="span-${span.spanId}" class="${failed ? 'failed' : ''}">
<summary class="row" style="${serviceStyle(span.service)}">
  <span class="name"><span class="tree">${head}</span><b class="dot" title="${span.name}">${span.name}</b><span class="kind">${span.kind.toLowerCase()}</span></span>
  <span class="duration">${formatDuration(span.endTimeUnixNano - span.startTimeUnixNano)}</span>
  <span class="track"><span class="bar" style="left:${from}%;width:${width}%"></span>${marks}</span>
</summary>
${renderDetails(span, scale.start)}
</details>
`;
}

function renderLogs(trace: Trace, scale: Scale): Html {
  if (trace.logs.length === 0) {
    return html`<p class="dim">None arrived for this trace. They are sent with <code>OTEL_LOGS_EXPORTER=otlp</code>.</p>`;
  }
  const names = new Map(trace.spans.map((span) => [span.spanId, span.name]));
  const rows = renderRows(trace.logs, (log, index) => {
    const span = names.get(log.spanId);
    return html`<tr>
  <td class="mono">+${formatDuration(timeOf(log) - scale.start)}</td>
  <td class="${severityClass(log)}">${severityOf(log)}</td>
  <td><span class="dot" style="${serviceStyle(log.service)}">${log.service}</span></td>
  <td>${valueText(log.body)}${renderAttributes(log.attributes, `log-${index}`)}</td>
  <td>${span === undefined ? '' : html`<a class="dim" href="#span-${log.spanId}">${span}</a>`}</td>
</tr>`;
  });
  return html`<section class="panel" aria-label="Log records"><table class="logs">${rows}</table></section>
${renderRest(trace.logs.length - rows.length, 'log record', trace.traceId)}`;
}

/**
 * Attributes beside the message, which distinguish two records with one message. Long ones, for
 * example stack traces, fold up.
 * @param id by which the script of the page finds the open ones again
 */
function renderAttributes(attributes: Attributes, id: string): Html[] {
  const pairs = Object.entries(attributes).map(([name, value]) => ({ name, text: valueText(value) }));
  const isLong = (text: string): boolean => text.length > 160 || text.includes('\n');
  const short = pairs.filter(({ text }) => !isLong(text)).map(({ name, text }) => html` <span class="pair">${name}=${text}</span>`);
  const long = pairs
    .filter(({ text }) => isLong(text))
    .map(({ name, text }, index) => html`<details id="${id}-${index}"><summary class="pair">${name}</summary><pre>${text}</pre></details>`);
  return [...short, ...long];
}

/** As many as fit. */
function renderRows<Item>(items: readonly Item[], render: (item: Item, index: number) => Html): Html[] {
  const rows: Html[] = [];
  let length = 0;
  for (const item of items) {
    const row = render(item, rows.length);
    length += row.text.length;
    if (rows.length >= MAX_ROWS || length > MAX_LENGTH) break;
    rows.push(row);
  }
  return rows;
}

function renderRest(left: number, noun: string, traceId: string): Html | undefined {
  if (left <= 0) return undefined;
  return html`<p class="dim">${count(left, noun)} more: all are in <a href="/api/traces/${traceId}">/api/traces/${traceId}</a>.</p>`;
}

/** Position of a moment on the axis, from 0 to 100, with two decimals. */
function percent(at: bigint, { start, duration }: Scale): number {
  if (duration <= 0n) return 0;
  return Math.min(100, Math.max(0, Number(((at - start) * 10_000n) / duration) / 100));
}

function timeOf(log: LogRecord): bigint {
  return log.timeUnixNano || log.observedTimeUnixNano;
}

function severityOf(log: LogRecord): string {
  return (log.severityText || severityName(log.severityNumber)).toUpperCase();
}

function severityClass(log: LogRecord): string {
  if (log.severityNumber >= 17) return 'error';
  return log.severityNumber >= 13 ? 'warn' : '';
}
