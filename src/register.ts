// The preload door of `node --require @sietch/otel/register`. Node runs preloads again in worker
// threads, loader threads and pino transports, which are left alone unless asked for, as programs
// that only start others are. Nothing is loaded when the SDK is disabled.

import { writeLine } from './diagnose/stderr.js';
import { isLauncher } from './node/launchers.js';
import { isObservedThread } from './node/observed-threads.js';
import { unpackPm2Variables } from './sdk/resource/pm2.js';

unpackPm2Variables(process.env);
if (isObservedThread() && !isLauncher(process.argv[1]) && process.env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true') {
  try {
    const { start }: typeof import('./start.js') = require('./start.js');
    start();
  } catch (error) {
    // A damaged installation: nothing of ours can be relied on, not even for saying so. The app
    // runs on.
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    writeLine(
      `[sietch-otel] error SIETCH001 the distribution did not start: ${reason.replaceAll('\n', ' ')} Remedy: install @sietch/otel again; else report the message with its stack`,
    );
  }
}
