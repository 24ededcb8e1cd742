// The settings of the queue integration.
import { choice, flag, integer, type SettingsOf, type SettingsTable } from '../../config/setting.js';

export const queueSettings = {
  context: choice({
    env: 'SIETCH_OTEL_QUEUE_CONTEXT',
    of: ['auto', 'parent', 'link'],
    default: 'auto',
    meaning:
      'How the trace of a job hangs on the trace that added it: `parent` continues it, `link` opens a new one with a link. `auto` continues it for single jobs and links bulks, flows, repeated jobs and replays.',
  }),
  metricsIntervalMs: integer({
    env: 'SIETCH_OTEL_QUEUE_METRICS_INTERVAL_MS',
    default: 5000,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'Time between two readings of depth and age of each queue, on a connection of our own; 0 reads none.',
  }),
  pgBossData: flag({
    env: 'SIETCH_OTEL_QUEUE_PG_BOSS_DATA',
    default: false,
    meaning:
      'Jobs of pg-boss up to 12.35, which has no other place for it, carry their trace in a field `sietchTrace` of their data. Workers under the preload take it out; others see it. Off: a job continues its trace in the process that sent it alone.',
  }),
} satisfies SettingsTable;

export type QueueSettings = SettingsOf<typeof queueSettings>;
