// Looks whether the configuration file has changed while the process runs, and takes over what can
// change. By polling its path: a ConfigMap of Kubernetes changes by a symbolic link above the file,
// an editor renames another file into its place, and network file systems notify nobody, all of
// which `fs.watch`, bound to the first file, does not see. A stat every few seconds runs beside the
// event loop, and Node's poller keeps no process alive.
import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { changeSetting } from '../config/live-settings.js';
import type { Environment } from '../config/read.js';
import type { Setting } from '../config/setting.js';
import { warn } from '../diagnose/diagnostics.js';
import { isMainThread } from '../node/main-thread.js';
import { type ConfigurationFile, environmentOf, loadReader } from './configuration.js';
import type { Tables } from './distribution-section.js';
import type { FileConfiguration, FileValue } from './file-configuration.js';

/** A file that is written in place is whole by then. */
const SETTLED_AFTER_MS = 100;
const SAMPLER = 'OTEL_TRACES_SAMPLER';
const RATIO_ARGUMENT = 'OTEL_TRACES_SAMPLER_ARG';
const RATIO = 'traceidratio';
/** Lines about one change. */
const MAX_LINES = 20;

export interface ReloadOptions {
  readonly file: ConfigurationFile;
  /** As it was when the process started: what the file refers to. */
  readonly env: Environment;
  readonly tables: Tables;
  readonly everyMs: number;
}

/** @returns what ends it */
export function watchConfiguration({ file, env, tables, everyMs }: ReloadOptions): () => void {
  const reload = new Reload(file, env, tables);
  const listener: StatsListener = () => void setTimeout(() => void reload.run(), SETTLED_AFTER_MS).unref();
  watchFile(file.location, { interval: everyMs, persistent: false }, listener);
  return () => unwatchFile(file.location, listener);
}

class Reload {
  readonly #location: string;
  readonly #env: Environment;
  readonly #tables: Tables;
  /** What the process runs by, where it needs a restart for another. */
  readonly #started: FileConfiguration;
  readonly #sampler: string;
  #current: FileConfiguration;
  #changes = 0;
  #isRunning = false;
  #isAskedAgain = false;

  constructor(file: ConfigurationFile, env: Environment, tables: Tables) {
    this.#location = file.location;
    this.#started = file;
    this.#current = file;
    this.#sampler = textOf(file, SAMPLER) ?? '';
    this.#env = env;
    this.#tables = tables;
  }

  /** Never rejects. One at a time. */
  async run(): Promise<void> {
    this.#isAskedAgain = this.#isRunning;
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      const result = await loadReader().readConfigurationFileLater(this.#location, this.#env, this.#tables);
      this.#changes++;
      if ('failure' in result) report('SIETCH205', `${this.#name}: ${result.failure}`);
      else this.#take(result.file);
    } catch (error) {
      report('SIETCH205', `${this.#name}: ${error instanceof Error ? error.name : typeof error}`);
    } finally {
      this.#isRunning = false;
    }
    if (this.#isAskedAgain) await this.run();
  }

  /** Numbered, since a line that was written just before is not written again. */
  get #name(): string {
    return `${this.#location}, change ${this.#changes}`;
  }

  #take(read: FileConfiguration): void {
    const before = this.#current;
    const next = withRatio(read, this.#sampler);
    this.#current = next;
    const env = environmentOf(this.#env, next);
    const lines = [
      ...this.#changedNames(before, next).flatMap((name) => this.#change(name, next.values.get(name) ?? before.values.get(name), env)),
      ...changedParts(before, next)
        .filter((path) => changedParts(this.#started, next).includes(path))
        .map((path) => ['SIETCH204', path] as const),
      ...next.reports.filter((each) => !before.reports.includes(each)).map((each) => ['SIETCH201', each] as const),
    ];
    for (const [code, what] of lines.slice(0, MAX_LINES)) report(code, `${this.#name}: ${what}`);
    if (lines.length > MAX_LINES) report('SIETCH204', `${this.#name}: ${lines.length - MAX_LINES} more changes`);
  }

  /** The ratio is looked at only by the sampler that the process has started with. */
  #changedNames(before: FileConfiguration, next: FileConfiguration): string[] {
    const names = [...new Set([...before.values.keys(), ...next.values.keys()])];
    const hasRatio = this.#sampler.endsWith(RATIO) && textOf(next, SAMPLER) === this.#sampler;
    return names.filter((name) => textOf(before, name) !== textOf(next, name) && (name !== RATIO_ARGUMENT || hasRatio));
  }

  #change(name: string, at: FileValue | undefined, env: Environment): (readonly [Code, string])[] {
    const changed = changeSetting(name, env);
    const isAsStarted = textOf(this.#current, name) === textOf(this.#started, name);
    if (changed === undefined) return isAsStarted ? [] : [['SIETCH204', `${at?.path ?? name} (${name})`]];
    if (changed.from === changed.to) return [];
    const isSecret = settingOf(this.#tables, name)?.secret === true;
    const values = isSecret ? '' : `: ${shown(changed.from)} -> ${shown(changed.to)}`;
    return [['SIETCH203', `${at?.path ?? name} (${name})${values}`]];
  }
}

type Code = 'SIETCH201' | 'SIETCH203' | 'SIETCH204' | 'SIETCH205';

/** Worker threads read the file too, and are quiet about it. */
function report(code: Code, detail: string): void {
  if (isMainThread) warn(code, detail);
}

function textOf(file: FileConfiguration, variable: string): string | undefined {
  return file.values.get(variable)?.text;
}

/**
 * For a process that samples a share, all is a share of 1 and nothing one of 0: it needs no restart
 * for them.
 * @param sampler it has started with
 */
function withRatio(file: FileConfiguration, sampler: string): FileConfiguration {
  const given = file.values.get(SAMPLER);
  const [prefix] = sampler.split(RATIO);
  const shares: Readonly<Record<string, string>> = { [`${prefix}always_on`]: '1', [`${prefix}always_off`]: '0' };
  const share = given === undefined || !sampler.endsWith(RATIO) ? undefined : shares[given.text];
  if (given === undefined || share === undefined) return file;
  return {
    ...file,
    values: new Map([...file.values, [SAMPLER, { ...given, text: sampler }], [RATIO_ARGUMENT, { ...given, text: share }]]),
  };
}

/** What no variable says. */
function changedParts(before: FileConfiguration, next: FileConfiguration): string[] {
  const parts = { 'tracer_provider.sampler': 'sampler', 'meter_provider.views': 'views', 'resource.attributes': 'resource' } as const;
  return Object.entries(parts).flatMap(([path, part]) => (JSON.stringify(before[part]) === JSON.stringify(next[part]) ? [] : [path]));
}

function settingOf(tables: Tables, variable: string): Setting<unknown> | undefined {
  return Object.values(tables)
    .flatMap((table) => Object.values(table))
    .find(({ env }) => env === variable);
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
