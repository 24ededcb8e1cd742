// One run of the bench: the servers, and for a line of Node.js its binary and a folder for each candidate.

import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { type NodeMajor, nodeBinary } from '../test/support/node-versions.ts';
import { OTHER_RUNTIMES } from '../test/support/other-runtimes.ts';
import { installedVersions, prepareFolder } from './app-folder.ts';
import { type Candidate, candidatesOn } from './candidates.ts';
import { canPin, onWorkCore, pinSelf } from './pinning.ts';
import type { Comparison } from './record.ts';
import { type Servers, startServers } from './servers.ts';
import type { Place } from './workload.ts';

/** A line of Node.js, and who is compared on it. */
export interface Line {
  readonly major: NodeMajor;
  readonly candidates: readonly Candidate[];
  readonly node: string;
  place(candidate: Candidate): Place;
  conditions(): Pick<Comparison, 'measured' | 'machine' | 'node' | 'servers' | 'versions'>;
}

export const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

export class Session {
  readonly quick: boolean;
  readonly servers: Servers;

  private constructor(quick: boolean, servers: Servers) {
    this.quick = quick;
    this.servers = servers;
  }

  static async open(quick: boolean): Promise<Session> {
    const servers = await startServers(say);
    pinSelf();
    return new Session(quick, servers);
  }

  /** @throws {RangeError} when no candidate has one of the names. */
  async line(major: NodeMajor, names?: readonly string[]): Promise<Line> {
    const all = candidatesOn(major);
    const candidates = names === undefined ? all : names.map((name) => find(all, name));
    const node = await nodeBinary(major);
    const folders = new Map<Candidate, string>();
    for (const candidate of candidates) folders.set(candidate, await prepareFolder(candidate, say));
    const place = (candidate: Candidate): Place => ({
      ...this.servers.place,
      quick: this.quick,
      folder: folders.get(candidate) ?? '',
      node: onWorkCore(node),
    });
    return {
      major,
      candidates,
      node,
      place,
      conditions: () => ({
        measured: new Date().toISOString().slice(0, 10),
        machine: machine(),
        node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
        servers: this.servers.names,
        versions: candidates.flatMap((candidate) =>
          candidate.runtime === undefined
            ? installedVersions(candidate, folders.get(candidate) ?? '')
            : [`${candidate.runtime} ${OTHER_RUNTIMES[candidate.runtime].version}`],
        ),
      }),
    };
  }

  close(): Promise<void> {
    return this.servers.stop();
  }
}

function find(all: readonly Candidate[], name: string): Candidate {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`expected some of ${all.map((each) => each.name).join(', ')}, got ${name}`);
  return found;
}

function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const pinning = canPin
    ? 'app and servers on one core, load and receiver on another'
    : 'processes not kept on cores (no taskset, or one core)';
  return `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${memory} GB, ${process.platform} ${process.arch}; ${pinning}`;
}
