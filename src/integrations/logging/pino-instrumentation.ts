// Upstream's instrumentation of pino, whose `pino` looks like the one it stands for: it has a name,
// and `new pino()` works.
import type { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { checkMembers } from '../../observe/library-members.js';
import { preserveSignature } from '../../observe/preserve-signature.js';

type CreateLogger = (...args: unknown[]) => unknown;
/** `module.exports` of pino, or the namespace of its ES module. */
interface Pino {
  pino?: unknown;
  default?: unknown;
}

export class SietchPinoInstrumentation extends PinoInstrumentation {
  protected override init(): InstrumentationNodeModuleDefinition[] {
    const definitions = super.init();
    for (const definition of definitions) {
      const { patch } = definition;
      definition.patch = (exports: Pino, version?: string) => {
        const original = isFunction(exports) ? exports : exports.default;
        // Both required and imported.
        if (isFunction(original) && wrappers.has(original)) return exports;
        if (!checkMembers('pino', version, original, ['symbols.mixinSym'])) return exports;
        const patched: unknown = patch?.(exports, version);
        if (!isFunction(original) || !isFunction(patched)) return patched;
        const wrapped = withSignatureOf(patched, original);
        // Upstream puts its function in the namespace too, where there is one.
        if (exports.default === patched) exports.default = wrapped;
        if (exports.pino === patched) exports.pino = wrapped;
        return wrapped;
      };
    }
    return definitions;
  }
}

const wrappers = new WeakSet<CreateLogger>();

function withSignatureOf(patched: CreateLogger, original: CreateLogger): CreateLogger {
  function pino(...args: unknown[]): unknown {
    return patched(...args);
  }
  const wrapped: CreateLogger & Pino = Object.assign(preserveSignature(pino, original), patched);
  for (const key of ['pino', 'default'] as const) if (wrapped[key] === patched) wrapped[key] = wrapped;
  wrappers.add(wrapped);
  return wrapped;
}

function isFunction(value: unknown): value is CreateLogger {
  return typeof value === 'function';
}
