// createLogger: pino, with the trace in each line whether the preload is there or not.
import type { DestinationStream, Logger, LoggerOptions } from 'pino';
import { expectation, func } from '../config/options.js';
import { getTraceLogFields } from '../context/index.js';
import { missingPeer } from '../node/missing-peer.js';

/**
 * A pino logger whose lines carry `trace_id`, `span_id`, `trace_flags` and `correlation_id` when
 * they are written within a trace. All options of pino may be given; a `mixin` adds to ours.
 * @example const logger = createLogger({ name: 'webhooks', level: 'debug' }); logger.info({ eventId
 * }, 'webhook accepted');
 * @throws {TypeError} when the options are no object, or `mixin` is no function; what else pino
 * refuses
 * @throws {Error} with code `SIETCH_MISSING_PEER` when pino is not installed
 */
export function createLogger(options: LoggerOptions = {}, destination?: DestinationStream): Logger {
  if (typeof options !== 'object' || options === null) throw new TypeError(expectation('options', 'an object', options));
  if (options.mixin !== undefined) func('mixin', options.mixin);
  const pino = loadPino();
  const own = options.mixin;
  const mixin: LoggerOptions['mixin'] = own ? (...args) => ({ ...getTraceLogFields(), ...own(...args) }) : getTraceLogFields;
  const traced: LoggerOptions = { ...options, mixin };
  return destination === undefined ? pino(traced) : pino(traced, destination);
}

function loadPino(): typeof import('pino').pino {
  try {
    const { pino }: typeof import('pino') = require('pino');
    return pino;
  } catch (cause) {
    throw Object.assign(new Error(missingPeer('createLogger()', 'pino'), { cause }), {
      code: 'SIETCH_MISSING_PEER',
    });
  }
}
