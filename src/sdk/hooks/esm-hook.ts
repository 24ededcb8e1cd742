// Makes `import` of the observed modules visible to the instrumentations. `require` needs no help:
// instrumentations hook it themselves.
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { fail } from '../../diagnose/diagnostics.js';
import { otherRuntime } from '../../node/other-runtime.js';
import { isDenied } from '../../node/permission.js';
import { programPath } from '../resource/pm2.js';
import { openImportHooks } from './import-hooks.js';
import { hookImportedCommonJs } from './imported-commonjs.js';
import { isEsModuleProgram, nodeFlags } from './program-format.js';

/**
 * Hooks `import` of `modules`: by synchronous hooks in this thread where Node's are complete
 * (22.22.3, 24.11.1, 25.1, 26 and later), else by a loader thread. That thread costs more at
 * start-up than all the rest, so with `auto` it is for programs that are ES modules. Libraries that
 * are CommonJS are seen without it, whoever imports them.
 * @param modules names, and URLs of inner files
 */
export function hookImports(modules: readonly (string | RegExp)[], mode: 'auto' | 'on' | 'off'): void {
  // Bun has no hooks.
  if (otherRuntime() !== undefined) return;
  const isEsModule = isEsModuleProgram(programPath(), nodeFlags());
  // A loader may be there that is not ours.
  if (isEsModule || mode === 'on') openImportHooks();
  if (mode === 'off') return;
  // `node -e` asks the hooks for parts of Node by bare name, which import-in-the-middle 3.6 takes
  // for files: the program would not start.
  if (programPath() === undefined && !isEsModule) return;
  try {
    if (supportsSyncHooks()) {
      const hooks: {
        register(options: { include: readonly (string | RegExp)[] }): void;
      } = require('import-in-the-middle/register-hooks.mjs');
      hooks.register({ include: modules });
      openImportHooks();
    } else {
      hookImportedCommonJs();
      if (mode === 'on' || isEsModule) register('import-in-the-middle/hook.mjs', pathToFileURL(__filename), { data: { include: modules } });
    }
  } catch (error) {
    const remedy = isDenied('worker')
      ? "allow worker threads: --allow-worker beside Node's --permission; or use Node.js 22.22 or later"
      : undefined;
    fail('SIETCH011', error instanceof Error ? error.message : String(error), remedy);
  }
}

/** The test of import-in-the-middle's supports-sync-hooks.mjs, which Node 20 could not require. */
function supportsSyncHooks(): boolean {
  const [major = 0, minor = 0, patch = 0] = process.versions.node.split('.').map((part) => Number.parseInt(part, 10));
  if (major >= 26) return true;
  if (major === 25) return minor >= 1;
  if (major === 24) return minor > 11 || (minor === 11 && patch >= 1);
  return major === 22 && (minor > 22 || (minor === 22 && patch >= 3));
}
