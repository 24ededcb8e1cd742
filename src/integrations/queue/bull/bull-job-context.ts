// Carries the trace context in a job of Bull 4: in its stored options, under the name that BullMQ
// has for it. It is put in when the job is stored and taken out when the job is read, so that
// neither who adds the job nor who processes it sees it. A Bull without us keeps it as an option
// that it does not know.
import { createContextKey } from '@opentelemetry/api';
import { activeContext, runInContext } from '../../../context/context-manager.js';
import type { MethodPatches } from '../../../observe/method-patches.js';
import type { BullJobClass } from './bull-module.js';

const METADATA = createContextKey('sietch-otel.queue.bull-metadata');
/**
 * The metadata of jobs that were read, by job and by its options, which a repeated job hands on.
 */
const carried = new WeakMap<object, string>();

/** Runs what stores jobs that are to carry `metadata`. */
export function withMetadata<Result>(metadata: string | undefined, run: () => Result): Result {
  return metadata === undefined ? run() : runInContext(activeContext().setValue(METADATA, metadata), run);
}

/** The metadata that a job carries; found by the job or its options. */
export function metadataOf(job: object): string | undefined {
  return carried.get(job);
}

export function patchStoredJobs(patches: MethodPatches, job: BullJobClass): void {
  patches.replace(job.prototype, 'toData', (original) => {
    return function toData() {
      const stored = original.call(this);
      const metadata = patches.isOn ? activeContext().getValue(METADATA) : undefined;
      // Always an object, that has the number of attempts at least.
      if (typeof metadata === 'string' && !('tm' in this.opts) && stored.opts?.endsWith('}') === true) {
        stored.opts = `${stored.opts.slice(0, -1)},"tm":${JSON.stringify(metadata)}}`;
      }
      return stored;
    };
  });
  patches.replace(job, 'fromJSON', (original) => {
    return function fromJSON(this: unknown, queue, json, id) {
      const read = original.call(this, queue, json, id);
      const { tm } = read.opts;
      if (!patches.isOn || !isMetadata(tm)) return read;
      Reflect.deleteProperty(read.opts, 'tm');
      carried.set(read, tm).set(read.opts, tm);
      return read;
    };
  });
}

/** An option `tm` of the app is hardly a text of JSON. */
function isMetadata(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('{"');
}
