// Tells a change of a breaker's state: as an event on the active span, as a log line, to the
// breaker's own listener, to the alert webhook.
import type { Attributes } from '@opentelemetry/api';
import { warn } from '../../diagnose/diagnostics.js';
import { type EventLevel, logEvent } from '../../logging/event-log.js';
import type { BreakerEvent, BreakerOpened } from './breaker-event.js';
import type { FailedCall } from './failed-calls.js';
import {
  ATTR_ERROR_TYPE,
  ATTR_FAILURE_DURATIONS,
  ATTR_FAILURE_ERRORS,
  ATTR_FAILURE_RATE,
  ATTR_FAILURE_TRACE_IDS,
  ATTR_NAME,
  ATTR_NEXT_PROBE,
  ATTR_OPEN_DURATION,
  ATTR_REASON,
  EVENT_CLOSE,
  EVENT_FALLBACK_FAILED,
  EVENT_OPEN,
} from './names.js';
import type { ObservedBreaker, Report } from './observed-breaker.js';
import { activeRecordingSpan } from './span-marks.js';

/** @param alert gets each event that begins or ends an alert */
export function createReport(alert: ((event: BreakerEvent) => void) | undefined): Report {
  return (event, observed) => {
    writeEvent(event, observed);
    callListener(event, observed);
    if (event.type === 'open' || event.type === 'close') alert?.(event);
  };
}

const TEXTS = {
  open: { level: 'error', name: EVENT_OPEN, message: 'circuit breaker opened' },
  close: { level: 'info', name: EVENT_CLOSE, message: 'circuit breaker closed' },
  fallback_failed: { level: 'warn', name: EVENT_FALLBACK_FAILED, message: 'fallback of circuit breaker failed' },
} as const satisfies Record<string, { level: EventLevel; name: string; message: string }>;

/**
 * Half-open is an event of the probing span only (see observed-breaker.ts): nobody reads a line
 * about it.
 */
function writeEvent(event: BreakerEvent, observed: ObservedBreaker): void {
  if (event.type === 'half_open') return;
  const text = TEXTS[event.type];
  const attributes = describe(event);
  if (event.type !== 'fallback_failed') activeRecordingSpan()?.addEvent(text.name, attributes);
  if (observed.logger === undefined) {
    logEvent({ ...text, attributes });
    return;
  }
  try {
    const result: unknown = observed.logger[text.level]({ event: text.name, ...attributes }, text.message);
    if (result instanceof Promise) result.catch(() => {});
  } catch {
    // A logger of the app that throws must not fail the call it logs about.
  }
}

function callListener(event: BreakerEvent, observed: ObservedBreaker): void {
  const { listener } = observed;
  if (listener === undefined) return;
  const complain = (error: unknown) => warn('SIETCH072', `${error instanceof Error ? error.name : typeof error} in ${observed.name}`);
  try {
    const result: unknown = listener(event);
    if (result instanceof Promise) result.catch(complain);
  } catch (error) {
    complain(error);
  }
}

function describe(event: Exclude<BreakerEvent, { type: 'half_open' }>): Attributes {
  const name = { [ATTR_NAME]: event.name };
  if (event.type === 'open') return { ...name, ...describeOpening(event) };
  if (event.type === 'close') return { ...name, [ATTR_REASON]: event.reason, [ATTR_OPEN_DURATION]: event.openForMs / 1000 };
  return { ...name, [ATTR_ERROR_TYPE]: event.error };
}

function describeOpening({ reason, failureRate, failures, nextProbeAt }: BreakerOpened): Attributes {
  return {
    [ATTR_REASON]: reason,
    [ATTR_FAILURE_RATE]: failureRate,
    [ATTR_FAILURE_ERRORS]: failures.map(errorText),
    [ATTR_FAILURE_DURATIONS]: failures.map(({ durationMs }) => durationMs / 1000),
    [ATTR_FAILURE_TRACE_IDS]: failures.flatMap(({ traceId }) => (traceId === undefined ? [] : [traceId])),
    ...(nextProbeAt === undefined ? {} : { [ATTR_NEXT_PROBE]: nextProbeAt.toISOString() }),
  };
}

function errorText({ error, code }: FailedCall): string {
  return code === undefined ? error : `${error} ${code}`;
}
