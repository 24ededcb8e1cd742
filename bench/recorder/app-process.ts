// One process of the recorder's bench: started under a variant, told to end, and asked what it took.
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { endChild, spawnGuarded } from '../../test/support/guarded-process.ts';
import { onWorkCore } from '../pinning.ts';
import type { Sink } from '../sink.ts';
import type { Variant } from './variants.ts';

export interface Surroundings {
  readonly folder: string;
  readonly sink: Sink;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Name of the queue. */
  readonly queue: string;
}

export interface Taken {
  /** User and system time of all threads, from the first line of the app to the end of the process. */
  readonly cpuMs: number;
  readonly peakMb: number;
  /** How late the event loop was, in ms: the 99th percentile since the first second was over. */
  readonly loopP99: number;
}

const END_MS = 30_000;

export class AppProcess {
  readonly #child: ChildProcess;
  readonly #file: string;
  #text = '';
  #errors = '';

  constructor(file: string, { candidate, env }: Variant, surroundings: Surroundings, routes: readonly string[] = []) {
    const { folder, sink, databaseUrl, redisUrl, queue } = surroundings;
    this.#file = file;
    const [command = '', ...args] = onWorkCore(process.execPath, ...candidate.preload, join(folder, 'recorder', 'apps', file));
    const own: NodeJS.ProcessEnv = {};
    for (const [name, value] of Object.entries(process.env)) if (!/^(OTEL_|SIETCH_|NODE_|npm_)/.test(name)) own[name] = value;
    const peerCode = candidate.peerCode?.['queue'] ?? '';
    const given = {
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      QUEUE: queue,
      ROUTES: routes.join(),
      PEER_CODE: peerCode,
    };
    this.#child = spawnGuarded({
      command,
      args,
      cwd: folder,
      ipc: true,
      env: { ...own, ...given, OTEL_BSP_SCHEDULE_DELAY: '500', OTEL_BSP_MAX_QUEUE_SIZE: '65536', ...candidate.env(sink.url), ...env },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** All it has written on standard error. */
  get errors(): string {
    return this.#errors;
  }

  async port(): Promise<number> {
    return Number((await this.#line(/^\{"port":(\d+)\}$/m))[1]);
  }

  async ready(): Promise<void> {
    await this.#line(/^\{"working":true\}$/m);
  }

  /** Resolves when it has said that at least `count` jobs are done. */
  async done(count: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#child.on('message', (message: unknown) => {
        if (typeof message === 'object' && message !== null && 'done' in message && Number(message.done) >= count) resolve();
      });
      this.#child.once('close', () => reject(new Error(`${this.#file} ended too early:\n${this.#errors}`)));
    });
  }

  async end(): Promise<Taken> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.send('end');
    await closed;
    clearTimeout(timer);
    const line = /^\{"cpuMs":.*\}$/m.exec(this.#text)?.[0];
    if (line === undefined) throw new Error(`${this.#file} ended without its report:\n${this.#errors.slice(-2000)}`);
    const taken: Taken = JSON.parse(line);
    return taken;
  }

  async kill(): Promise<void> {
    await endChild(this.#child, 'SIGKILL');
  }

  #line(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.#text);
        if (found !== null) resolve(found);
      };
      look();
      this.#child.stdout?.on('data', look);
      this.#child.once('close', () => reject(new Error(`${this.#file} ended before it was ready:\n${this.#errors}`)));
    });
  }
}
