// Which part this process has in answering scrapes: alone, the primary of node:cluster, or one of its workers.
import type { Cluster } from 'node:cluster';
import type { Collector } from '../collector.js';
import type { Scrapable } from '../handler.js';
import { Scraper } from '../scrape.js';
import { PrimaryMetrics } from './primary.js';
import { WorkerMetrics } from './worker.js';

export interface Group {
  readonly scraper: Scrapable;
  /** Whether this process is to have a server. */
  readonly listens: boolean;
  /** Tells the process that answers what was counted until now. */
  readonly report?: () => Promise<void>;
}

export interface GroupSettings {
  readonly cluster: 'auto' | 'off';
  readonly deadlineMs: number;
  readonly maxBytes: number;
}

export function joinGroup(own: Collector, settings: GroupSettings): Group {
  if (settings.cluster === 'off') return alone(own, settings);
  // A worker has an IPC channel, and node:cluster loaded already. Elsewhere it is loaded when the app has started: it takes a millisecond.
  if (process.channel !== undefined && loadCluster().isWorker) return worker(own, settings);
  return primary(own, settings);
}

function alone(own: Collector, { deadlineMs, maxBytes }: GroupSettings): Group {
  const scraper = new Scraper({ source: own, deadlineMs, maxBytes, onDrop: dropCounter(own) });
  return { scraper, listens: true };
}

function primary(own: Collector, { deadlineMs, maxBytes }: GroupSettings): Group {
  const merged = new PrimaryMetrics(own);
  const scraper = new Scraper({ source: merged, deadlineMs, maxBytes, onDrop: dropCounter(own) });
  merged.scraper = scraper;
  setImmediate(() => merged.follow(loadCluster())).unref();
  return { scraper, listens: true };
}

function worker(own: Collector, { deadlineMs }: GroupSettings): Group {
  const member = new WorkerMetrics(own, deadlineMs);
  member.listen();
  return { scraper: member, listens: false, report: () => member.report(deadlineMs) };
}

function dropCounter(own: Collector): ConstructorParameters<typeof Scraper>[0]['onDrop'] {
  return (reason, name) => own.selfMetrics.countDropped(reason, name);
}

function loadCluster(): Cluster {
  const cluster: Cluster = require('node:cluster');
  return cluster;
}
