// Decides whether the distribution starts in this runtime, with one line where it does not, or sees
// a part only.
import { fail, warn } from '../diagnose/diagnostics.js';
import { otherRuntime } from '../node/other-runtime.js';
import { isDenied } from '../node/permission.js';

/** False where starting would harm the app or be of no use. */
export function canStart(): boolean {
  const runtime = otherRuntime();
  const version = `${runtime?.name} ${runtime?.version}`;
  // Deno 2.9 with hooks of `import` cannot `require()` JSON any more.
  if (runtime?.name === 'Deno') fail('SIETCH206', version);
  else if (isDenied('net')) fail('SIETCH208');
  else {
    if (runtime !== undefined) warn('SIETCH207', version);
    return true;
  }
  return false;
}
