// Others in the process that do the same work: OpenTelemetry SDKs and APM agents. Said once, with who won.
import { type TraceAPI, type TracerProvider, trace } from '@opentelemetry/api';
import { isTraceTaken } from './api-copies.js';
import { callerFile } from './caller-file.js';
import { warn } from './diagnostics.js';
import { loadedPackages } from './loaded-packages.js';

/** Packages that are agents, and OpenTelemetry SDKs with names of their own. */
const AGENTS: Readonly<Record<string, string>> = {
  'dd-trace': 'Datadog',
  newrelic: 'New Relic',
  'elastic-apm-node': 'Elastic APM',
  '@elastic/opentelemetry-node': 'Elastic EDOT',
  '@splunk/otel': 'Splunk',
  '@dash0/opentelemetry': 'Dash0',
  'solarwinds-apm': 'SolarWinds',
  appdynamics: 'AppDynamics',
  '@dynatrace/oneagent': 'Dynatrace',
  '@contrast/agent': 'Contrast',
  '@instana/collector': 'Instana',
  applicationinsights: 'Azure Application Insights',
  '@azure/monitor-opentelemetry': 'Azure Monitor',
  '@sentry/node': 'Sentry',
  '@opentelemetry/auto-instrumentations-node': 'OpenTelemetry auto-instrumentations',
};

const SDKS = ['sdk-node', 'sdk-trace-node', 'sdk-trace-base', 'sdk-trace'].map((name) => `@opentelemetry/${name}`);

/** To be called before our SDK registers. Whether another one is there. */
export function warnOfEarlierSdk(): boolean {
  if (!isTraceTaken()) return false;
  warn({
    code: 'SIETCH098',
    message: `another OpenTelemetry SDK was registered before this one (${describe(trace.getTracerProvider())}): it gets the spans, this one does not`,
    remedy: 'start only one of them: drop the other, or do not preload @sietch/otel/register',
  });
  return true;
}

const watched = new WeakSet<object>();

/** Tells of an SDK that the app starts later: the API refuses it, in words that few connect with it. @param api what a copy of the API exports. */
export function watchSdks(api: unknown): void {
  if (!hasTrace(api) || watched.has(api.trace)) return;
  watched.add(api.trace);
  const set = api.trace.setGlobalTracerProvider.bind(api.trace);
  api.trace.setGlobalTracerProvider = (provider) => {
    if (!isTraceTaken()) return set(provider); // It is ours.
    warn({
      code: 'SIETCH098',
      message: `a second OpenTelemetry SDK registers from ${callerFile() ?? 'an unknown file'}: this distribution was first and keeps the spans, the second gets none`,
      remedy: 'remove the other SDK from the app, or do not preload @sietch/otel/register',
    });
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

/** Names the APM agents that are loaded. */
export function warnOfAgents(): void {
  for (const { name, loadedBy } of loadedPackages(Object.keys(AGENTS))) {
    warn({
      code: 'SIETCH099',
      message: `${AGENTS[name]} (${name}) is in this process too${loadedBy === undefined ? '' : `, loaded by ${loadedBy}`}: both patch the same libraries, spans may be doubled or lost`,
      remedy: `keep one of the two: remove ${name}, or do not preload @sietch/otel/register`,
    });
  }
}

function describe(provider: TracerProvider): string {
  const inner: unknown = 'getDelegate' in provider && typeof provider.getDelegate === 'function' ? provider.getDelegate() : provider;
  const [agent] = loadedPackages([...Object.keys(AGENTS), ...SDKS]);
  const className = typeof inner === 'object' && inner !== null ? inner.constructor.name : typeof inner;
  return agent === undefined ? className : `${agent.name}${agent.loadedBy === undefined ? '' : `, loaded by ${agent.loadedBy}`}`;
}
