// The part of one process in answering scrapes for a group of processes.
import type { EndpointSettings, Site } from '../endpoint.js';
import type { Scrapable } from '../handler.js';
import type { RequestHandler } from '../mounted-handler.js';

export interface Group {
  readonly scraper: Scrapable;
  /** Who answers for this process where it does not itself, in words. */
  readonly leader?: string;
  /** Starts to listen, where it is this process that does. */
  open(handler: RequestHandler): Site | undefined;
  /** Tells another process what was counted until now, where one has to know. */
  readonly report?: () => Promise<void>;
}

export interface GroupSettings extends EndpointSettings {
  readonly cluster: 'auto' | 'off';
  readonly deadlineMs: number;
  readonly maxBytes: number;
}
