// Joins all copies of @opentelemetry/api in the process: an app may have older or newer ones than
// ours. All copies of a major version meet in one global object that carries the version of the
// copy that made it: a copy ignores the global of an older minor version, and refuses to register
// in one of any other version. So ours registers under its own version, and the global then says
// the newest version in the process: spans of all copies are joined.
import { join } from 'node:path';
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { warn } from '../../diagnose/diagnostics.js';
import { readRegularFile } from '../../node/regular-file.js';
import { reportLostPort } from '../ports.js';
import { DISTRO_VERSION } from '../version.js';

export const API_PACKAGE = '@opentelemetry/api';
const MAJOR = 1;
const FOLDER = /^.*[\\/]@opentelemetry[\\/]api(?=[\\/])/;
const GLOBAL = Symbol.for(`opentelemetry.js.api.${MAJOR}`);

/** The global object of @opentelemetry/api (internal/global-utils); a port, see ports.ts. */
interface ApiGlobal {
  readonly version: string;
  readonly trace?: unknown;
}

/**
 * While ours registers, under its own version: the newest of the copies that are met meanwhile, by
 * instrumentations that the app names.
 */
let claim: { newest: string | undefined } | undefined;

const holder: typeof globalThis & { [GLOBAL]?: ApiGlobal } = globalThis;

/**
 * Makes room for our registration where another copy was first. To be called before anything is
 * registered; returns what ends it.
 */
export function claimApi(): () => void {
  const found = holder[GLOBAL]?.version;
  claim = { newest: found };
  if (found !== undefined) setVersion(ownVersion());
  return release;
}

/** Our copy has registered by now. */
function release(): void {
  const current = holder[GLOBAL]?.version;
  const newest = claim?.newest;
  claim = undefined;
  if (typeof current !== 'string') reportLostPort('apiGlobal');
  else if (newest !== undefined) setVersion(newer(newest, current));
}

/** Replaces the object: 1.10 makes the version of its own read-only. */
function setVersion(version: string): void {
  holder[GLOBAL] = { ...holder[GLOBAL], version };
}

/** Tells whether another SDK has registered for traces. */
export function isTraceTaken(): boolean {
  return holder[GLOBAL]?.trace !== undefined;
}

/** Hears of each copy, with what it exports. */
export type CopyListener = (exports: unknown) => void;

/** Watches for copies that the app loads later. */
export class ApiWatch extends InstrumentationBase {
  private declare listener: CopyListener;

  constructor(listener: CopyListener) {
    super('@sietch/otel/api-copies', DISTRO_VERSION, {});
    this.listener = listener;
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return [
      new InstrumentationNodeModuleDefinition(API_PACKAGE, ['*'], (exports: unknown, version) => {
        if (version !== undefined) meet(version);
        this.listener(exports);
        return exports;
      }),
    ];
  }
}

function meet(version: string): void {
  const current = holder[GLOBAL];
  if (current === undefined) return;
  if (parts(version)[0] === MAJOR) {
    if (claim === undefined) setVersion(newer(current.version, version));
    else claim.newest = newer(claim.newest ?? version, version);
    return;
  }
  warn('SIETCH097', `${version} (${foldersOf(version)}) beside ${ownVersion()} of this distribution`);
}

/** The folders of the copies of this version, as far as they are known. */
function foldersOf(version: string): string {
  const folders = Object.keys(require.cache).flatMap((file) => FOLDER.exec(file)?.[0] ?? []);
  return [...new Set(folders)].filter((folder) => versionIn(folder) === version).join(', ') || 'where is not known';
}

function ownVersion(): string {
  const [folder = ''] = FOLDER.exec(require.resolve(API_PACKAGE)) ?? [];
  return versionIn(folder) ?? '1.9.0';
}

/** Read as a file: the package does not export its manifest. */
function versionIn(folder: string): string | undefined {
  try {
    const { version }: { readonly version?: unknown } = JSON.parse(readRegularFile(join(folder, 'package.json')).toString());
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

function newer(a: string, b: string): string {
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < left.length; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0 ? a : b;
  }
  return a;
}

function parts(version: string): number[] {
  return version.split(/[.-]/, 3).map(Number);
}
