// The shape of a process's state, as `sietch-otel now` draws it.
import type { ProcessState } from './process-state.js';
import { hasShape, type Shape } from './shape.js';

const PROCESS_STATE: Shape = {
  pid: 'number',
  service: { name: 'string', version: 'string?', instance: 'string?' },
  program: 'string?',
  uptime: 'number',
  node: 'string',
  distribution: 'string',
  counts: { requests: 'number', jobs: 'number', pools: 'number', redis: 'number', breakers: 'number' },
  requests: [{ method: 'string', route: 'string?', age: 'number', traceId: 'string?', waitsFor: 'string' }],
  jobs: [
    {
      queue: 'string',
      id: 'string',
      attempt: 'number',
      age: 'number',
      traceId: 'string?',
      step: 'string?',
      lockExpiresIn: 'number?',
      waitsFor: 'string',
    },
  ],
  pools: [
    {
      library: 'string',
      name: 'string',
      size: 'number',
      max: 'number?',
      idle: 'number',
      waiting: 'number',
      clients: [
        {
          holder: 'string?',
          traceId: 'string?',
          heldFor: 'number',
          statement: 'string?',
          statementAge: 'number?',
          idleInTransactionFor: 'number?',
          stack: 'string?',
        },
      ],
    },
  ],
  redis: [
    {
      library: 'string',
      address: 'string',
      status: 'string',
      inFlight: 'number',
      offlineQueue: 'number',
      oldestCommand: 'string?',
      oldestAge: 'number?',
    },
  ],
  breakers: [{ name: 'string', state: 'string', nextProbeIn: 'number?' }],
  eventLoop: { delay: 'number', longestBlock: 'number?', watchedFor: 'number', utilization: 'number' },
  memory: { rss: 'number', heapUsed: 'number', heapLimit: 'number' },
  exports: [{ what: 'string', target: 'string', fill: 'number', made: 'number', sent: 'number', failures: 'number', dropped: 'numbers' }],
  recorder: ['optional', { waiting: 'number', bytes: 'number', recorded: 'number', kept: 'numbers', lost: 'numbers', refused: 'numbers' }],
  unobserved: ['string'],
  diagnostics: ['string'],
};

export function isProcessState(value: unknown): value is ProcessState {
  return hasShape(value, PROCESS_STATE);
}
