// A question that a process is asked over its socket, while it is answered.
import type { AnyQueue } from '../export/export-queue.js';
import type { FlightRecorder } from '../sdk/recorder/flight-recorder.js';
import type { Question } from './protocol.js';

/** What the process knows of itself since its start. */
export interface ProcessFacts {
  readonly service: { readonly name: string; readonly version: string | undefined };
  /** Attributes of the resource, of which the instance is read. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly queues: readonly AnyQueue[];
  readonly recorder: Pick<FlightRecorder, 'counts' | 'ring'> | undefined;
}

/** One question under way. */
export interface Call {
  readonly facts: ProcessFacts;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Sends text before the answer; resolves when more can be sent, rejects when nobody reads it. */
  sendPart(text: string): Promise<void>;
}

/** Gives the answer, as JSON can hold it. A refused parameter is a `RefusedQuestion`. */
export type Handler = (question: Question, call: Call) => unknown;

/** A question that cannot be answered as it is put; its message goes to whoever asks. */
export class RefusedQuestion extends Error {
  override readonly name = 'RefusedQuestion';
}
