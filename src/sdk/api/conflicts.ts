// Warns of other OpenTelemetry SDKs and APM agents in the process, once each, and says which one
// gets the spans.
import { createRequire } from 'node:module';
import { type TraceAPI, type TracerProvider, trace } from '@opentelemetry/api';
import { warn } from '../../diagnose/diagnostics.js';
import { callerFileName } from '../../node/caller-file-name.js';
import { loadedPackages } from '../../node/loaded-packages.js';
import { AGENTS } from './agents.js';
import { isTraceTaken } from './api-copies.js';

/** Distributions of OpenTelemetry, and its SDKs. */
const SDKS = [
  ...['@elastic/opentelemetry-node', '@splunk/otel', '@dash0/opentelemetry', 'solarwinds-apm', '@azure/monitor-opentelemetry'],
  ...['auto-instrumentations-node', 'sdk-node', 'sdk-trace-node', 'sdk-trace-base', 'sdk-trace'].map((name) => `@opentelemetry/${name}`),
];

/**
 * Warns when another SDK is there, and returns whether it is. Must be called before our SDK
 * registers.
 */
export function warnOfEarlierSdk(): boolean {
  if (!isTraceTaken()) return false;
  warn(
    'SIETCH098',
    `another one was registered before this one (${describe(trace.getTracerProvider())}): it gets the spans, this one does not`,
  );
  return true;
}

const watched = new WeakSet<object>();

/**
 * Warns of an SDK that the app starts later, which the API refuses with a message that does not
 * name the cause.
 * @param api what a copy of the API exports.
 */
export function watchSdks(api: unknown): void {
  if (!hasTrace(api) || watched.has(api.trace)) return;
  watched.add(api.trace);
  const set = api.trace.setGlobalTracerProvider.bind(api.trace);
  api.trace.setGlobalTracerProvider = (provider) => {
    if (!isTraceTaken()) return set(provider); // It is ours.
    const file = callerFileName() ?? 'an unknown file';
    warn('SIETCH098', `a second one registers from ${file}: this distribution was first and keeps the spans, the second gets none`);
    return set(provider);
  };
}

function hasTrace(api: unknown): api is { readonly trace: Pick<TraceAPI, 'setGlobalTracerProvider'> } {
  if (typeof api !== 'object' || api === null || !('trace' in api)) return false;
  const { trace: part } = api;
  return (
    typeof part === 'object' && part !== null && 'setGlobalTracerProvider' in part && typeof part.setGlobalTracerProvider === 'function'
  );
}

const reported = new Set<string>();

/** Names the APM agents that have been started, each once. */
export function warnOfAgents(): void {
  for (const { name, file, loadedBy } of loadedPackages(Object.keys(AGENTS))) {
    const agent = AGENTS[name];
    if (agent === undefined || reported.has(name) || agent.isStarted?.(require.cache[mainFile(name, file)]?.exports) === false) continue;
    reported.add(name);
    warn('SIETCH099', `${agent.name} (${name})${loadedBy === undefined ? '' : `, loaded by ${loadedBy}`}`);
  }
}

/**
 * The file that `require(name)` gives, as a file of the package sees it; it may be another one that
 * was loaded first.
 */
function mainFile(name: string, file: string): string {
  try {
    return createRequire(file).resolve(name);
  } catch {
    return file;
  }
}

function describe(provider: TracerProvider): string {
  const inner: unknown = 'getDelegate' in provider && typeof provider.getDelegate === 'function' ? provider.getDelegate() : provider;
  const [agent] = loadedPackages([...Object.keys(AGENTS), ...SDKS]);
  const className = typeof inner === 'object' && inner !== null ? inner.constructor.name : typeof inner;
  return agent === undefined ? className : `${agent.name}${agent.loadedBy === undefined ? '' : `, loaded by ${agent.loadedBy}`}`;
}
