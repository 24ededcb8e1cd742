// APM agents of other vendors, and how each shows that it was started. Many apps require one and
// start it by a setting: an agent that is only loaded does no harm. Agents built on OpenTelemetry
// register with its API and are detected there (SIETCH098).

export interface Agent {
  readonly name: string;
  /** @param loaded what the package exports. Default: it starts when it is loaded. */
  readonly isStarted?: (loaded: unknown) => boolean;
}

/**
 * Each sign was seen in the agent itself, loaded only and started: dd-trace 5.132, newrelic 13.20,
 * elastic-apm-node 4.18, @sentry/node 11.12,
 * @instana/collector 5.5, applicationinsights 3.16. The three without one were not to be had. A
 * sign that is gone in a later version means no line. applicationinsights replaces the diagnostics
 * logger as it starts: only the doctor shows its line.
 */
export const AGENTS: Readonly<Record<string, Agent>> = {
  'dd-trace': { name: 'Datadog', isStarted: (loaded) => read(loaded, '_initialized') === true },
  newrelic: { name: 'New Relic', isStarted: (loaded) => !['undefined', 'stopped'].includes(String(read(loaded, 'agent', '_state'))) },
  'elastic-apm-node': { name: 'Elastic APM', isStarted: (loaded) => call(loaded, 'isStarted') === true },
  '@sentry/node': { name: 'Sentry', isStarted: (loaded) => (call(loaded, 'getClient') ?? undefined) !== undefined },
  appdynamics: { name: 'AppDynamics' },
  '@dynatrace/oneagent': { name: 'Dynatrace' },
  '@contrast/agent': { name: 'Contrast' },
  '@instana/collector': { name: 'Instana', isStarted: () => read(globalThis, '__INSTANA_INITIALIZED') === true },
  applicationinsights: {
    name: 'Azure Application Insights',
    isStarted: (loaded) => (read(loaded, 'defaultClient') ?? undefined) !== undefined,
  },
};

/** Never throws: a getter of theirs may. */
function read(from: unknown, ...path: readonly string[]): unknown {
  try {
    return path.reduce<unknown>((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), from);
  } catch {
    return undefined;
  }
}

function call(from: unknown, method: string): unknown {
  const found = read(from, method);
  if (typeof found !== 'function') return undefined;
  try {
    return Reflect.apply(found, from, []);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
