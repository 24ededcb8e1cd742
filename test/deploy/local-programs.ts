// Programs of this machine in the place of a compose file's containers: their ports, their configuration with the addresses changed, their ends.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { ChildOutput } from '../support/child-output.ts';
import { eventually } from '../support/eventually.ts';
import { endChild, spawnGuarded } from '../support/guarded-process.ts';
import { freePort } from '../support/ports.ts';

export type Change = readonly [from: string, to: string];

export class LocalPrograms {
  readonly folder = mkdtempSync(join(tmpdir(), 'sietch-otel-stack-'));
  readonly #ports = new Map<string, number>();
  readonly #started: { name: string; output?: ChildOutput; end(): Promise<void> }[] = [];

  /** Takes a free port for each `service:port` of the compose file. */
  static async on(listeners: readonly string[]): Promise<LocalPrograms> {
    const programs = new LocalPrograms();
    for (const listener of listeners) programs.#ports.set(listener, await freePort());
    return programs;
  }

  /** The port that stands for `service:port`. */
  port(listener: string): string {
    const port = this.#ports.get(listener);
    if (port === undefined) throw new Error(`${listener} has no port here`);
    return String(port);
  }

  address(listener: string): string {
    return `127.0.0.1:${this.port(listener)}`;
  }

  url(listener: string): string {
    return `http://${this.address(listener)}`;
  }

  /**
   * The file as its container has it, but for the changes.
   * @throws {Error} when a change finds nothing: the file has become another
   */
  configured(file: string, changes: readonly Change[]): string {
    let text = readFileSync(join(ROOT, file), 'utf8');
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      text = text.replaceAll(from, to);
    }
    const configured = join(this.folder, file.replaceAll('/', '-'));
    writeFileSync(configured, text);
    return configured;
  }

  start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    const child = spawnGuarded({ command, args, env: { ...process.env, ...env } });
    const output = new ChildOutput();
    output.follow(child.stdout, child.stderr);
    this.#started.push({ name: command, output, end: () => endChild(child, 'SIGTERM') });
  }

  /** Something that is to end with the others. */
  add(name: string, end: () => Promise<void>): void {
    this.#started.push({ name, end });
  }

  /** Resolves when `path` answers well. */
  async ready(listener: string, path: string): Promise<void> {
    await eventually(`${listener} is ready`, () => isWell(`${this.url(listener)}${path}`), 90_000);
  }

  /** What the programs wrote, for messages. */
  output(): string {
    return this.#started.map(({ name, output }) => `${name}:\n${output?.tail() ?? ''}`).join('\n');
  }

  async stop(): Promise<void> {
    for (const { end } of this.#started.splice(0).reverse()) await end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function isWell(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
