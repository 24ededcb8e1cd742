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
import { hookImportsInThread, supportsSyncHooks } from './sync-import-hooks.js';

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
      hookImportsInThread(modules, openImportHooks, reportFailure);
    } else {
      hookImportedCommonJs();
      if (mode === 'on' || isEsModule) register('import-in-the-middle/hook.mjs', pathToFileURL(__filename), { data: { include: modules } });
    }
  } catch (error) {
    reportFailure(error);
  }
}

function reportFailure(error: unknown): void {
  const remedy = isDenied('worker')
    ? "allow worker threads: --allow-worker beside Node's --permission; or use Node.js 22.22 or later"
    : undefined;
  fail('SIETCH011', error instanceof Error ? error.message : String(error), remedy);
}
