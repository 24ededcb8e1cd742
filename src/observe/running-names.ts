// The names of the records about what is still running.
import type { EmittedName } from '../config/emitted-name.js';

export const EVENT_STILL_RUNNING = 'sietch.still_running';
export const ATTR_CATEGORY = 'sietch.running.category';
export const ATTR_OPERATION = 'sietch.running.operation';
export const ATTR_AGE = 'sietch.running.age';
export const ATTR_WAITS_FOR = 'sietch.running.waits_for';
export const ATTR_UNREPORTED = 'sietch.running.unreported';

export const runningNames: readonly EmittedName[] = [
  {
    type: 'event',
    name: EVENT_STILL_RUNNING,
    meaning:
      'Log record (warn) of a request, a job or a call outside of both that has been open for `SIETCH_OTEL_STILL_RUNNING_MS`, and again after twice, four times, … as long. At most 20 a minute.',
  },
  {
    type: 'attribute',
    name: ATTR_CATEGORY,
    meaning: '`request`, `job`, `query`, `command`, `http call` or `wait` (for a connection of a pool).',
  },
  {
    type: 'attribute',
    name: ATTR_OPERATION,
    meaning: 'What is still running, without values: `GET /orders/:id`, the queue of a job, `pg SELECT app`.',
  },
  { type: 'attribute', name: ATTR_AGE, meaning: 'Seconds since its start.' },
  { type: 'attribute', name: ATTR_WAITS_FOR, meaning: 'Its oldest open call and for how long that has been open; or that it has none.' },
  { type: 'attribute', name: ATTR_UNREPORTED, meaning: 'Records that were left out since the last one.' },
];
