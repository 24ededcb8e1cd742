// Which part this process has in answering scrapes: alone, the primary of node:cluster, one of its workers, or one of several under PM2.
import type { Cluster } from 'node:cluster';
import { onEventLoopTurn } from '../../node/event-loop-turn.js';
import { readPm2Process } from '../../sdk/resource/pm2.js';
import type { Collector } from '../collector.js';
import { openEndpoint } from '../endpoint.js';
import { Scraper } from '../scrape.js';
import type { Group, GroupSettings } from './group.js';
import { linkToPrimary, linkToWorker } from './ipc-link.js';
import { Leader } from './leader.js';
import { Member } from './member.js';
import { Pm2Group } from './pm2-group.js';

export function joinGroup(own: Collector, settings: GroupSettings): Group {
  if (settings.cluster === 'off') return alone(own, settings);
  // A worker has an IPC channel, and node:cluster loaded already. Elsewhere it is loaded when the app has started: it takes a millisecond.
  if (process.channel === undefined || !loadCluster().isWorker) return primary(own, settings);
  const instance = readPm2Process(process.env);
  return instance === undefined ? worker(own, settings) : new Pm2Group(own, settings, instance);
}

function alone(own: Collector, settings: GroupSettings): Group {
  const scraper = new Scraper({ ...settings, source: own, onDrop: (...drop) => own.selfMetrics.countDropped(...drop) });
  return { scraper, open: (handler) => openEndpoint(handler, settings) };
}

function primary(own: Collector, settings: GroupSettings): Group {
  const leader = new Leader(own, { label: 'primary' });
  const scraper = new Scraper({ ...settings, source: leader, onDrop: (...drop) => own.selfMetrics.countDropped(...drop) });
  leader.scraper = scraper;
  onEventLoopTurn(() => followWorkers(leader, loadCluster()));
  return { scraper, open: (handler) => openEndpoint(handler, settings) };
}

/** Those there are and will be. */
function followWorkers(leader: Leader, cluster: Cluster): void {
  cluster.on('fork', (forked) => leader.join(linkToWorker(forked.process)));
  for (const running of Object.values(cluster.workers ?? {})) if (running?.isConnected()) leader.join(linkToWorker(running.process));
}

function worker(own: Collector, { deadlineMs }: GroupSettings): Group {
  const member = new Member(own, linkToPrimary(), deadlineMs);
  return {
    scraper: member,
    leader: 'the primary of its cluster',
    open: () => undefined,
    report: async () => void (await member.report(deadlineMs)),
  };
}

function loadCluster(): Cluster {
  const cluster: Cluster = require('node:cluster');
  return cluster;
}
