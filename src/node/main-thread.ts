// Tells whether this is the main thread, without loading node:worker_threads, which loads Node's
// streams.
import * as threads from 'node:worker_threads';
import { mayBeBuiltinLoaded } from './builtin-modules.js';

/**
 * In a worker thread Node has taken `process.abort()` away and loaded the ports of threads before
 * anything else runs. In doubt worker_threads decides.
 */
const hasMarksOfThread = 'disabled' in process.abort || mayBeBuiltinLoaded('internal/worker/io');

export const isMainThread = !hasMarksOfThread || threads.isMainThread;
