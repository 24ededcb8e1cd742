// Texts of the answers to coding agents: lines that a person could read, too, bounded in length.

import type {
  ApiLog,
  ApiProcess,
  LogsAnswer,
  NowAnswer,
  RoutesAnswer,
  StatementsAnswer,
  Totals,
  TraceAnswer,
  TraceSummary,
  TracesAnswer,
} from '../../view/api.js';
import { logOf, spanOf } from '../../view/api-trace.js';
import { cleanText, count, severityName, valueText } from '../../view/format.js';
import type { Span } from '../../view/telemetry.js';
import { renderWaterfall } from '../../view/waterfall.js';

const MAX_LENGTH = 60_000;
const MAX_VALUE_LENGTH = 500;
const WIDTH = 140;
const MAX_DETAILED = 20;

export function servicesText({ services, routes, totals }: TracesAnswer): string {
  return lines([
    `Services: ${services.map(cleanText).join(', ') || 'none yet'}`,
    `Routes: ${routes.map(cleanText).join(', ') || 'none yet'}`,
    totalsText(totals),
  ]);
}

function totalsText({ traces, spans, logs, droppedTraces, droppedLogs }: Totals): string {
  const dropped =
    droppedTraces + droppedLogs > 0
      ? `; dropped since the store was full: ${count(droppedTraces, 'trace')}, ${count(droppedLogs, 'log record')}`
      : '';
  return `Kept: ${count(traces, 'trace')}, ${count(spans, 'span')}, ${count(logs, 'log record')}${dropped}`;
}

export function tracesText({ traces, total }: TracesAnswer): string {
  if (total === 0) return 'No trace matches.';
  return lines([`${count(total, 'trace')} found, ${traces.length} shown:`, ...traces.map(traceLine)]);
}

function traceLine(trace: TraceSummary): string {
  const facts = [
    trace.traceId,
    timeOf(trace.startTimeUnixNano),
    `${trace.durationMs.toFixed(1)} ms`,
    count(trace.spanCount, 'span'),
    ...(trace.errorCount > 0 ? [count(trace.errorCount, 'error')] : []),
    ...(trace.logCount > 0 ? [count(trace.logCount, 'log record')] : []),
    ...(trace.keepReason === undefined ? [] : [`kept: ${cleanText(trace.keepReason)}`]),
    ...(trace.incomplete === true ? ['incomplete'] : []),
    `${cleanText(trace.name)} (${trace.services.map(cleanText).join(', ')})`,
  ];
  return facts.join('  ');
}

export function waterfallText(trace: TraceAnswer): string {
  const spans = trace.spans.map(spanOf);
  const waterfall = renderWaterfall(spans, trace.logs.map(logOf), { width: WIDTH });
  const failed = spans.filter(({ status }) => status.code === 'ERROR');
  const slowest = [...spans].sort((left, right) => Number(durationOf(right) - durationOf(left)));
  const detailed = [...new Set([...failed, ...slowest])].slice(0, MAX_DETAILED);
  return lines([
    `started ${timeOf(trace.startTimeUnixNano)}`,
    waterfall,
    '',
    'Attributes of its failed and longest spans:',
    ...detailed.flatMap(spanLines),
  ]);
}

function spanLines(span: Span): string[] {
  const status = span.status.message === '' ? [] : [`  status: ${shortText(span.status.message)}`];
  const attributes = Object.entries(span.attributes).map(([key, value]) => `  ${cleanText(key)}: ${shortText(valueText(value))}`);
  const events = span.events.map(({ name, attributes: of }) => `  event ${cleanText(name)}: ${shortText(JSON.stringify(of))}`);
  return [`${cleanText(span.name)} (span ${span.spanId}, ${cleanText(span.service)})`, ...status, ...attributes, ...events];
}

function durationOf({ startTimeUnixNano, endTimeUnixNano }: Span): bigint {
  return endTimeUnixNano - startTimeUnixNano;
}

export function statementsText({ statements }: StatementsAnswer): string {
  if (statements.length === 0) return 'No span has a database statement (db.query.text).';
  return lines(
    statements.map(({ calls, errors, totalMs, maxMs, service, system, statement, slowest }) =>
      [
        `${totalMs.toFixed(1)} ms in ${count(calls, 'call')}, slowest ${maxMs.toFixed(1)} ms`,
        ...(errors > 0 ? [count(errors, 'error')] : []),
        `${cleanText(service)} ${cleanText(system)}`,
        `trace ${slowest.traceId} span ${slowest.spanId}`,
        shortText(statement),
      ].join('  '),
    ),
  );
}

export function routesText({ routes }: RoutesAnswer): string {
  if (routes.length === 0) return 'No request and no job has arrived.';
  return lines(
    routes.map(({ route, service, calls, errors, errorTypes, maxMs, failedTraces }) => {
      const types = Object.entries(errorTypes).map(([type, number]) => `${number} ${cleanText(type)}`);
      const failed = errors === 0 ? [] : [types.join(', '), `traces ${failedTraces.join(' ')}`];
      return [`${errors} of ${calls} failed`, cleanText(route), cleanText(service), `slowest ${maxMs.toFixed(1)} ms`, ...failed].join('  ');
    }),
  );
}

export function logsText({ logs, total }: LogsAnswer): string {
  if (logs.length === 0) return 'No log record matches.';
  return lines([`${count(total, 'log record')} found, ${logs.length} shown, the latest first:`, ...logs.map(logLine)]);
}

function logLine(log: ApiLog): string {
  const severity = cleanText(log.severityText || severityName(log.severityNumber)).toUpperCase();
  const at = timeOf(log.timeUnixNano === '0' ? log.observedTimeUnixNano : log.timeUnixNano);
  const attributes = Object.keys(log.attributes).length === 0 ? [] : [shortText(JSON.stringify(log.attributes))];
  return [
    at,
    severity,
    cleanText(log.service),
    ...(log.spanId === '' ? [] : [`span ${log.spanId}`]),
    shortText(valueText(log.body)),
    ...attributes,
  ].join('  ');
}

export function nowText({ processes }: NowAnswer): string {
  if (processes.length === 0) return 'No preloaded process of this user was found.';
  return lines(processes.flatMap(processLines));
}

function processLines(each: ApiProcess): string[] {
  if (!('state' in each)) return [`pid ${each.pid} ${cleanText(each.service)}: ${each.unanswered.message}`];
  const { pid, service, uptime, counts, requests, jobs, breakers, eventLoop } = each.state;
  return [
    `pid ${pid} ${cleanText(service.name)}, up ${uptime.toFixed(0)} s: ${count(counts.requests, 'open request')}, ${count(counts.jobs, 'active job')}, event loop ${(eventLoop.delay * 1000).toFixed(1)} ms late`,
    ...requests.map(
      ({ age, method, route, waitsFor, traceId }) =>
        `  request ${age.toFixed(1)} s  ${cleanText(`${method} ${route ?? '(no route)'}`)}  waits for ${cleanText(waitsFor)}  trace ${traceId ?? 'unknown'}`,
    ),
    ...jobs.map(
      ({ age, queue, id, attempt, waitsFor, traceId }) =>
        `  job ${age.toFixed(1)} s  ${cleanText(`${queue} ${id}`)}  attempt ${attempt}  waits for ${cleanText(waitsFor)}  trace ${traceId ?? 'unknown'}`,
    ),
    ...breakers.filter(({ state }) => state !== 'closed').map(({ name, state }) => `  circuit breaker ${cleanText(name)} is ${state}`),
  ];
}

function timeOf(nanoseconds: string): string {
  return new Date(Number(BigInt(nanoseconds) / 1_000_000n)).toISOString();
}

function shortText(text: string): string {
  const clean = cleanText(text);
  return clean.length > MAX_VALUE_LENGTH ? `${clean.slice(0, MAX_VALUE_LENGTH)}… (${clean.length} characters)` : clean;
}

function lines(all: readonly string[]): string {
  const text = all.join('\n');
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}\n… cut: ${text.length} characters, narrow the search` : text;
}
