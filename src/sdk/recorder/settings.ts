// The settings of the flight recorder.
import { flag, integer, type SettingsTable, text } from '../../config/setting.js';

export const ADAPTIVE = 'adaptive';

export const recorderSettings = {
  on: flag({
    env: 'SIETCH_OTEL_RECORDER',
    default: false,
    meaning:
      'The flight recorder: traces that head sampling does not keep wait in memory, and are sent whole when one of their spans fails, is slow or gives another reason (docs/recorder.md).',
  }),
  bytes: integer({
    env: 'SIETCH_OTEL_RECORDER_BYTES',
    default: 16_777_216,
    min: 65_536,
    max: 1_073_741_824,
    unit: 'bytes',
    meaning: 'What recorded traces take; the oldest are evicted, and counted.',
  }),
  spans: integer({
    env: 'SIETCH_OTEL_RECORDER_SPANS',
    default: 1000,
    min: 1,
    max: 100_000,
    unit: 'spans',
    meaning: 'Recorded spans of one trace in one process; the root of a kept trace says how many were dropped.',
  }),
  holdMs: integer({
    env: 'SIETCH_OTEL_RECORDER_HOLD_MS',
    default: 30_000,
    min: 100,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'How long a recorded trace is held after its last span has ended, for a reason that another process may still find.',
  }),
  perMinute: integer({
    env: 'SIETCH_OTEL_RECORDER_PER_MINUTE',
    default: 300,
    min: 1,
    max: 1_000_000,
    unit: 'traces',
    meaning: 'Traces kept in a minute for one reason and one root span name; further ones are counted.',
  }),
  slow: text({
    env: 'SIETCH_OTEL_RECORDER_SLOW_MS',
    default: ADAPTIVE,
    expected: `a number of milliseconds, or ${ADAPTIVE}`,
    accepts: (value) => value.toLowerCase() === ADAPTIVE || /^\d+(\.\d+)?$/.test(value),
    meaning:
      'Server and consumer spans of at least so many milliseconds keep their trace; 0: none do. `adaptive`: those over the 99th percentile of their name in the last minutes, at most ten a minute for each name.',
  }),
} satisfies SettingsTable;
