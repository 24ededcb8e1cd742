// What requests and jobs wait for now: the calls that they have made and that are still open, found
// by the context that each call was made in. So an unsampled request is understood as a sampled one
// is, and spans of the app in between do not matter.
import { type Attributes, type Context, createContextKey, isSpanContextValid, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { RunningOperation, running } from './running-operations.js';

/**
 * The job that a context belongs to. A request is found as the RPC metadata of its context.
 */
export const JOB = createContextKey('sietch-otel.running-job');

const NO_CALL = 'no I/O: running or waiting for a promise';

/** A request or a job, which makes calls. */
export abstract class CallOwner extends RunningOperation {
  /** Attributes of its record, where it has been open for long. */
  abstract readonly attributes: Attributes;

  /** What it does while none of its calls is open; undefined where nothing is known. */
  get ownStep(): string | undefined {
    return undefined;
  }
}

/** The open calls of one owner. */
export interface OpenCalls {
  readonly oldest: RunningOperation;
  count: number;
}

/** The request or job that `context` is part of, be it over or not. */
export function ownerOf(context: Context): CallOwner | undefined {
  const job = context.getValue(JOB);
  if (job instanceof CallOwner) return job;
  const request = getRPCMetadata(context);
  return request instanceof CallOwner ? request : undefined;
}

/** The open calls of all owners at this moment. */
export function openCalls(): ReadonlyMap<CallOwner, OpenCalls> {
  const calls = new Map<CallOwner, OpenCalls>();
  for (const operation of running) {
    if (operation instanceof CallOwner) continue;
    const owner = ownerOf(operation.context);
    if (owner === undefined) continue;
    const known = calls.get(owner);
    if (known === undefined) calls.set(owner, { oldest: operation, count: 1 });
    else known.count++;
  }
  return calls;
}

/** A kind of owner, as `instanceof` tells it. */
type OwnerKind<Owner extends CallOwner> = abstract new (...args: never[]) => Owner;

/** Describes the `most` oldest owners of a kind that are open at this moment. */
export function describeOpen<Owner extends CallOwner, Entry>(
  kind: OwnerKind<Owner>,
  most: number,
  describe: (owner: Owner, calls: OpenCalls | undefined, now: number) => Entry,
): Entry[] {
  const now = performance.now();
  const calls = openCalls();
  const entries: Entry[] = [];
  for (const operation of running) {
    if (!(operation instanceof kind)) continue;
    if (entries.length >= most) break;
    entries.push(describe(operation, calls.get(operation), now));
  }
  return entries;
}

export function countOpen(kind: OwnerKind<CallOwner>): number {
  let count = 0;
  for (const operation of running) if (operation instanceof kind) count++;
  return count;
}

/** What an owner waits for, in words. */
export function describeWait(owner: CallOwner, calls: OpenCalls | undefined, now: number): string {
  if (calls === undefined) return owner.ownStep ?? NO_CALL;
  const more = calls.count === 1 ? '' : ` and ${calls.count - 1} more`;
  return `${calls.oldest.title} ${inSeconds(ageOf(calls.oldest, now))}${more}`;
}

/** Seconds since its start. */
export function ageOf(operation: RunningOperation, now: number): number {
  return Math.max(0, now - operation.startedAt) / 1000;
}

export function inSeconds(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

/** The id of the trace that `context` is in, sampled or not. */
export function traceIdOf(context: Context): string | undefined {
  const spanContext = trace.getSpanContext(context);
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext.traceId : undefined;
}
