// Usage: node --require @sietch/otel/register test/app/loggers.mjs
// Writes one line with each kind of pino logger, outside of a span and in one; the message says which. See loggers.cjs.
import { context, propagation, trace } from '@opentelemetry/api';
import pino from 'pino';
import { getTraceLogFields } from '../../dist/index.js';
import { createLogger } from '../../dist/logging/library.js';

const loggers = {
  plain: pino(),
  child: pino().child({ part: 'webhooks' }),
  nested: pino({ nestedKey: 'fields' }),
  mixin: pino({ mixin: () => ({ tenant: 'acme', trace_flags: 'mine' }) }),
  transport: pino(pino.transport({ target: 'pino/file', options: { destination: 1 } })),
  multistream: pino({}, pino.multistream([{ stream: process.stdout }])),
  destination: pino({ name: 'app' }, pino.destination({ dest: 1, sync: true })),
  created: createLogger({ name: 'created' }),
  createdMixin: createLogger({ mixin: () => ({ tenant: 'acme' }) }),
};

for (const [name, logger] of Object.entries(loggers)) logger.info(`outside ${name}`);
const baggage = propagation.createBaggage({ 'sietch.correlation_id': { value: 'order-12' } });
context.with(propagation.setBaggage(context.active(), baggage), () => {
  trace.getTracer('app').startActiveSpan('work', (span) => {
    for (const [name, logger] of Object.entries(loggers)) logger.info({ order: 7 }, `inside ${name}`);
    loggers.plain.info({ ...getTraceLogFields(), order: 7 }, 'inside spread');
    loggers.plain.warn('inside text');
    span.end();
  });
});
