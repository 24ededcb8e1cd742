// Instrumentations that the app has installed. Those it names in SIETCH_OTEL_INSTRUMENTATIONS are
// made at the start; those of known libraries among the dependencies of its package.json are used
// without being named, and made when the library is loaded.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { warn } from '../../diagnose/diagnostics.js';
import { readRegularFile } from '../../node/regular-file.js';
import { programPath } from '../resource/pm2.js';
import { currentFolder } from '../resource/resource.js';
import { adopt } from './adopted-instrumentation.js';
import { DeferredInstrumentation } from './deferred-instrumentation.js';
import { KNOWN_LIBRARIES, modulesOf } from './known-libraries.js';

export interface AppInstrumentationOptions {
  /** Short names or package names; `-name` takes one out that would be used without being named. */
  readonly named: readonly string[];
  /** Packages that integrations of ours observe, whether they are on or not. */
  readonly ours: readonly string[];
  /** Whether the lists of OpenTelemetry allow an instrumentation, by its short name. */
  readonly isOn: (shortName: string) => boolean;
}

export interface AppInstrumentations {
  readonly instrumentations: readonly Instrumentation[];
  /**
   * Those among them that are to be opened when the SDK has started: they may load another copy of
   * the API, which has to be met by our hooks.
   */
  readonly named: readonly DeferredInstrumentation[];
  /** Packages that they patch. */
  readonly modules: readonly string[];
}

/**
 * Libraries that we observe, and instrumentations that were made or that the user has taken out:
 * nothing is missing there.
 */
export const settledPackages = new Set<string>();

/** Never throws. */
export function findAppInstrumentations({ named, ours, isOn }: AppInstrumentationOptions): AppInstrumentations {
  const removed = named.filter((name) => name.startsWith('-')).map((name) => packageNameOf(name.slice(1)));
  const added = named.filter((name) => !name.startsWith('-')).map(packageNameOf);
  for (const packageName of [...removed, ...ours]) settledPackages.add(packageName);
  const atStart = added.map((packageName) => new DeferredInstrumentation(packageName, [], () => makeNamed(packageName)));
  const modules = KNOWN_LIBRARIES.filter(({ instrumentation }) => added.some((name) => name === instrumentation)).flatMap(modulesOf);
  const instrumentations: Instrumentation[] = [...atStart];
  const app = appManifest();
  for (const library of KNOWN_LIBRARIES) {
    const { instrumentation: packageName } = library;
    if (app === undefined || packageName === undefined || !app.dependencies.includes(packageName) || added.includes(packageName)) continue;
    const shortName = packageName.replace('@opentelemetry/instrumentation-', '');
    if (!isOn(shortName)) settledPackages.add(packageName);
    if (settledPackages.has(packageName) || modulesOf(library).some((name) => ours.includes(name))) continue;
    modules.push(...modulesOf(library));
    instrumentations.push(new DeferredInstrumentation(shortName, modulesOf(library), () => makeLate(packageName, app.file)));
  }
  return { instrumentations, named: atStart, modules };
}

function makeNamed(packageName: string): Instrumentation | undefined {
  try {
    return make(packageName, join(currentFolder(), 'package.json')).instrumentation;
  } catch (error) {
    warn('SIETCH010', reasonOf(packageName, error));
    return undefined;
  }
}

function makeLate(packageName: string, from: string): Instrumentation | undefined {
  // Whatever goes wrong is said here.
  settledPackages.add(packageName);
  try {
    const { instrumentation, isHooked } = make(packageName, from);
    if (!isHooked) warn('SIETCH193', `${packageName}: this version cannot be made when its library is loaded`);
    return instrumentation;
  } catch (error) {
    warn('SIETCH193', reasonOf(packageName, error));
    return undefined;
  }
}

function make(packageName: string, from: string): ReturnType<typeof adopt> {
  const adopted = adopt(createRequire(from)(packageName));
  settledPackages.add(packageName);
  return adopted;
}

function packageNameOf(name: string): string {
  return name.includes('/') ? name : `@opentelemetry/instrumentation-${name}`;
}

function reasonOf(packageName: string, error: unknown): string {
  return `${packageName}: ${error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error)}`;
}

interface AppManifest {
  readonly file: string;
  readonly dependencies: readonly string[];
}

/**
 * The nearest package.json with dependencies, above the program; above the current folder, for an
 * installed program.
 */
function appManifest(): AppManifest | undefined {
  const script = programPath();
  const isOfApp = script !== undefined && !/[\\/]node_modules[\\/]/.test(script);
  for (let folder = isOfApp ? dirname(script) : currentFolder(); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    const dependencies = dependenciesIn(file);
    if (dependencies !== undefined) return { file, dependencies };
    if (folder === dirname(folder)) return undefined;
  }
}

function dependenciesIn(file: string): readonly string[] | undefined {
  try {
    const manifest: { dependencies?: object; optionalDependencies?: object } = JSON.parse(readRegularFile(file).toString());
    if (typeof manifest.dependencies !== 'object') return undefined;
    return Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  } catch {
    return undefined;
  }
}
