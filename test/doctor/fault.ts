// What a fault of the doctor's tests is made of.
import { rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { FindingCode } from '../../src/diagnose/codes.js';
import { type Receiver, type ReceiverOptions, startReceiver } from '../support/otlp.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { type Env, makeFolder } from './doctor-run.ts';
import { Servers } from './servers.ts';

/** What the doctor is asked about: the collector is healthy and no app is run, where nothing else is said. */
export interface Case {
  readonly env?: Env;
  /** What stands after `--`. */
  readonly command?: readonly string[];
}

/** One cause, broken on purpose, and with its remedy. */
export interface Fault {
  readonly code: FindingCode;
  /** What else shows of it. Default: nothing. */
  readonly also?: readonly FindingCode[];
  /** What the detail must tell. */
  readonly detail?: RegExp;
  readonly broken: (bench: Bench) => Case | Promise<Case>;
  readonly mended: (bench: Bench) => Case | Promise<Case>;
}

/** Where faults are built: cleared after each. */
export class Bench {
  readonly #servers = new Servers();
  readonly #receivers: Receiver[] = [];
  readonly #folders: string[] = [];
  readonly #redis: Redis[] = [];

  /** A collector. */
  async receiver(options: ReceiverOptions = {}): Promise<Receiver> {
    const receiver = await startReceiver(options);
    this.#receivers.push(receiver);
    return receiver;
  }

  /** A Redis with these settings. */
  async redis(settings: Readonly<Record<string, string>>): Promise<Redis> {
    const redis = await startRedis({ own: true, settings });
    this.#redis.push(redis);
    return redis;
  }

  /** Host and port of `server`, which listens then. */
  listen(server: Server): Promise<string> {
    return this.#servers.listen(server);
  }

  /** A folder with a package and these files. */
  folder(files: Readonly<Record<string, string>>): string {
    const folder = makeFolder({ 'package.json': '{"name":"shop"}', ...files });
    this.#folders.push(folder);
    return folder;
  }

  /** The command that runs an app of these files, of which `main` is the program. */
  app(text: string, files: Readonly<Record<string, string>> = {}, main = 'app.cjs'): string[] {
    return ['node', join(this.folder({ [main]: text, ...files }), main)];
  }

  async clear(): Promise<void> {
    this.#servers.close();
    await Promise.all(this.#receivers.splice(0).map((receiver) => receiver.close()));
    await Promise.all(this.#redis.splice(0).map((redis) => redis.stop()));
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}
