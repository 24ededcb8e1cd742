// Preloaded apps whose sockets are in a folder of the test's own, and the command that asks them.
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type AppOptions, type Exit, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

/** Where the sockets of this user are below a temporary folder. */
export const OWN_FOLDER = `sietch-otel-${process.geteuid?.()}`;

/** A temporary folder that apps and the command share, and no other test. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'now-test-'));
  readonly #apps: App[] = [];

  get env(): Record<string, string | undefined> {
    return { TMPDIR: this.folder, XDG_RUNTIME_DIR: undefined, SIETCH_OTEL_BANNER: 'off', NO_COLOR: undefined };
  }

  /** Starts an app of test/app/now-state.cjs, or another one. */
  app(
    args: readonly string[],
    env: AppOptions['env'] = {},
    options: Omit<AppOptions, 'env' | 'args'> = {},
    file = 'test/app/now-state.cjs',
  ): App {
    const app = runApp(file, { ...options, args, env: { ...this.env, ...env } });
    this.#apps.push(app);
    return app;
  }

  /** The same, once its socket is open. */
  async open(args: readonly string[], env: AppOptions['env'] = {}, options: Omit<AppOptions, 'env' | 'args'> = {}): Promise<App> {
    const app = this.app(args, env, options);
    await this.socketOf(app.pid);
    return app;
  }

  /** Runs the command. */
  now(...args: readonly string[]): Promise<Exit> {
    return runApp('dist/cli/main.js', { args: ['now', ...args], preload: 'none', env: this.env }).waitForExit();
  }

  sockets(): string[] {
    const folder = join(this.folder, OWN_FOLDER);
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  }

  /** The path of the socket of a process, once it is there and listens: then it has its mode. */
  socketOf(pid: number): Promise<string> {
    const isOpen = (path: string): boolean => path.includes(`/now-${pid}-`) && (statSync(path).mode & 0o777) === 0o600;
    return eventually(`process ${pid} has a socket`, () => this.sockets().find(isOpen));
  }

  async clear(): Promise<void> {
    await Promise.all(this.#apps.splice(0).map((app) => app.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Sends text to a socket; resolves with all that comes until it is closed. */
export function exchange(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path).setEncoding('utf8');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(received));
    socket.write(text);
  });
}
