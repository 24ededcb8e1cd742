// Carries the trace context of pg-boss' jobs. Up to 12.35 a job has no place for it besides its
// data, which are the app's: by default a job is found by its id, in the process that sent it
// alone; its data carry the context only where a setting says so.
import { BoundedCache } from '../../../observe/bounded-cache.js';
import { SANDBOX_FIELD } from '../sandbox-field.js';
import type { PgBossJob } from './pg-boss-module.js';

/** Twice as many are held at most. */
const MAX_JOBS = 5_000;

export class PgBossContext {
  /** Whether another process can continue the trace of a job. */
  readonly leavesProcess: boolean;
  readonly #sent = new BoundedCache<string, string>(MAX_JOBS);

  /** @param inData whether jobs carry it in their data */
  constructor(inData: boolean) {
    this.leavesProcess = inData;
  }

  /** The data of a job that is sent, with the context where they are to carry it. */
  putInto(data: unknown, metadata: string | undefined): unknown {
    if (!this.leavesProcess || metadata === undefined || !isPlain(data) || SANDBOX_FIELD in data) return data;
    return { ...data, [SANDBOX_FIELD]: metadata };
  }

  /** @param id what `send` resolves with; null when it has made no job */
  remember(id: unknown, metadata: string | undefined): void {
    if (typeof id === 'string' && metadata !== undefined) this.#sent.set(id, metadata);
  }

  /** The context of a job that is worked on; its data are as they were sent from here on. */
  takeFrom({ id, data }: PgBossJob): string | undefined {
    const carried: unknown = isPlain(data) ? data[SANDBOX_FIELD] : undefined;
    if (typeof carried === 'string' && isPlain(data)) {
      Reflect.deleteProperty(data, SANDBOX_FIELD);
      return carried;
    }
    return this.#sent.get(id);
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
