// The preload door of `node --require @sietch/otel/register`. Main thread only: Node runs preloads again in worker threads, loader threads and
// pino transports. Nothing is loaded when the SDK is disabled.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true') {
  const { start }: typeof import('./start.js') = require('./start.js');
  start();
}
