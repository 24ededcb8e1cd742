// The preload door of `node --require @sietch/otel/register`. Node runs preloads again in worker threads, loader threads and pino transports, which
// are left alone unless asked for. Nothing is loaded when the SDK is disabled.
import { isObservedThread } from './threads/threads.js';

if (isObservedThread() && process.env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true') {
  const { start }: typeof import('./start.js') = require('./start.js');
  start();
}
