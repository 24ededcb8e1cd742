// What the flight recorder counts of itself. Read when metrics are collected.
import type { KeepReason } from '../../context/trace-recording.js';

/** Why a trace was not kept although there was a reason. */
export type Refusal = 'rate_limit' | 'queue_full' | 'too_late';

export class RecorderCounts {
  recorded = 0;
  readonly byReason = new Map<KeepReason, number>();
  readonly refusals = new Map<KeepReason, Map<Refusal, number>>();

  kept(reason: KeepReason): void {
    this.byReason.set(reason, (this.byReason.get(reason) ?? 0) + 1);
  }

  refused(reason: KeepReason, refusal: Refusal): void {
    const ofReason = this.refusals.get(reason) ?? new Map<Refusal, number>();
    ofReason.set(refusal, (ofReason.get(refusal) ?? 0) + 1);
    this.refusals.set(reason, ofReason);
  }
}
