// What the viewer's API asks of this machine, beyond what was received: the command gives it.

import type { ApiDeadLetter, NowAnswer, Status } from './api.js';

export interface Machine {
  /** What the preloaded processes of this user do at this moment. */
  now(): Promise<NowAnswer>;
  /** Undefined where the viewer was started without a Redis. */
  readonly deadLetters?: DeadLetters | undefined;
  /** Addresses, versions and sources. */
  status(): Omit<Status, 'totals'>;
}

export interface DeadLetters {
  /** Newest first. Undefined when there is no such queue. */
  list(queue: string, limit: number): Promise<readonly ApiDeadLetter[] | undefined>;
  /** False when there is none with this id. */
  replay(queue: string, id: string): Promise<boolean>;
}
