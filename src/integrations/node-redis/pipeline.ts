// Whether the commands that are being added to a queue are those of a pipeline of the app's.
import type { MethodPatches } from '../../observe/method-patches.js';

let pipelining = false;

export function isPipelining(): boolean {
  return pipelining;
}

/** The methods of a client that add the commands of a pipeline, all of them before they return. */
export interface PipelinePrototype {
  /** node-redis 4, with the id of a chain for a transaction. */
  multiExecutor?(this: unknown, commands: unknown, database?: unknown, chainId?: unknown): unknown;
  /** node-redis 5 and later. */
  _executePipeline?(this: unknown, commands: unknown, database?: unknown, slot?: unknown): unknown;
}

export function patchPipelines(patches: MethodPatches, prototype: PipelinePrototype | undefined): void {
  patches.replace(
    prototype,
    'multiExecutor',
    (original) =>
      function multiExecutor(this: unknown, commands, database, chainId) {
        // @node-redis/client 1.0 has the id in the second place.
        const isTransaction = typeof chainId === 'symbol' || typeof database === 'symbol';
        const run = () => original.call(this, commands, database, chainId);
        return isTransaction ? run() : asPipeline(run);
      },
  );
  patches.replace(
    prototype,
    '_executePipeline',
    (original) =>
      function _executePipeline(this: unknown, commands, database, slot) {
        return asPipeline(() => original.call(this, commands, database, slot));
      },
  );
}

function asPipeline<Result>(run: () => Result): Result {
  pipelining = true;
  try {
    return run();
  } finally {
    pipelining = false;
  }
}
