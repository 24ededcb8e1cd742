// The whole wiring on one screen: settings → integrations → SDK → start-up line → shutdown. Once a
// process; never throws into the app.
import { trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { printBanner } from './banner.js';
import { type StartOptions, settingsTables, unknownOptions } from './catalog/settings-tables.js';
import { BASE2, coreSettings, otelSettings, sdkSettings } from './config/core-settings.js';
import { inCorrectedEnvironment } from './config/corrected-environment.js';
import { unboundedSettings } from './config/dependent-settings.js';
import { environment, useEnvironment } from './config/environment.js';
import { readLiveSettings } from './config/live-settings.js';
import { wrongHeaders } from './config/otlp-headers.js';
import { type Environment, readSettings } from './config/read.js';
import type { SettingsTable } from './config/setting.js';
import { unknownNames } from './config/unknown-names.js';
import { unsupportedVariables } from './config/unsupported-variables.js';
import { configureContext, idGenerator, managerForSdk, rememberManager, traceIdPropagator, withCorrelationIds } from './context/index.js';
import { contextSettings } from './context/settings.js';
import { type Configuration, readConfiguration } from './declarative/configuration.js';
import { reloadOnChange, reportConfiguration } from './declarative/file-in-use.js';
import { fail, keepingDiagnostics, showChangingDiagnostics, showDiagnostics, warn } from './diagnose/diagnostics.js';
import { countStart } from './diagnose/start-count.js';
import { checkSelfLater } from './doctor/self-check-timer.js';
import { sendAtExit } from './exit/exit.js';
import { runShutdown } from './exit/shutdown.js';
import { createPipelines, exportersOf } from './export/pipelines.js';
import { measureTelemetry } from './export/self-metrics.js';
import type { Integration, IntegrationContext, StartedIntegration } from './integrations/integration.js';
import { integrations } from './integrations/integrations.js';
import { isIntegrationOn, isLibraryOn } from './integrations/selection.js';
import { routeEvents } from './logging/event-log.js';
import { addHiddenListener } from './node/hidden-process-listeners.js';
import { isMainThread } from './node/main-thread.js';
import { isObservedThread } from './node/observed-threads.js';
import { openSocketLater } from './now/open-later.js';
import { watchStillRunning } from './observe/still-running.js';
import { MeterWatch, type MetricsEndpoint, startMetricsEndpoint } from './prometheus/index.js';
import { metricsSettings } from './prometheus/settings.js';
import { API_PACKAGE, ApiWatch, claimApi } from './sdk/api/api-copies.js';
import { warnOfAgents, warnOfEarlierSdk, watchSdks } from './sdk/api/conflicts.js';
import { findAppInstrumentations } from './sdk/hooks/app-instrumentations.js';
import { takeBundledModules } from './sdk/hooks/bundled-modules.js';
import { DeferredInstrumentation } from './sdk/hooks/deferred-instrumentation.js';
import { hookImports } from './sdk/hooks/esm-hook.js';
import { warnOfLateLoad } from './sdk/hooks/late-load.js';
import { watchCopies } from './sdk/hooks/observed-copies.js';
import { AppLogProcessor } from './sdk/logs/app-log-processor.js';
import { makeLoggersSafe } from './sdk/logs/safe-loggers.js';
import { AppMetricReader } from './sdk/metrics/app-metric-reader.js';
import type { HistogramCounting } from './sdk/metrics/histogram-series.js';
import { createPropagator } from './sdk/propagators.js';
import { createRecorder } from './sdk/recorder/create-recorder.js';
import { keepingTraces } from './sdk/recorder/keep-log-processor.js';
import { measureRecorder } from './sdk/recorder/recorder-metrics.js';
import { recorderSettings } from './sdk/recorder/settings.js';
import { createResource, findService } from './sdk/resource/resource.js';
import { readResourceAttributes } from './sdk/resource/resource-attributes.js';
import { canStart } from './sdk/runtime-support.js';
import { readSdkParts, withFileParts } from './sdk/sdk-parts.js';
import { BlockedTime } from './sdk/trace/blocked-time.js';
import { withoutErrorMessages } from './sdk/trace/error-messages.js';
import { AppSampler, createSampler, requireShare } from './sdk/trace/sampler.js';
import { SpanCounts } from './sdk/trace/span-counts.js';
import { createSpanLimits } from './sdk/trace/span-limits.js';
import { AppSpanProcessor, SpanProcessors, wantsOpenSpans } from './sdk/trace/span-processors.js';
import { giveOwnTracers } from './sdk/trace/tracer-provider.js';

/** A started distribution. */
export interface Started {
  /** Names of the integrations that are on. */
  readonly integrations: readonly string[];
  /** URL of the metrics endpoint, where there is one; with port 0, once it listens. */
  readonly metricsUrl: string | undefined;
  /** Sends what is left and stops; resolves within `SIETCH_OTEL_SHUTDOWN_MS`, never rejects. */
  shutdown(): Promise<void>;
}

const STARTED = Symbol.for('@sietch/otel.started');
const registry: typeof globalThis & { [STARTED]?: Started } = globalThis;
const NOT_STARTED: Started = { integrations: [], metricsUrl: undefined, shutdown: async () => {} };

/**
 * Starts the distribution: once a process, in the main thread (and once in each worker thread with
 * `SIETCH_OTEL_WORKER_THREADS=on`). A second call, also from another copy of this package, returns
 * the first one's result. With `OTEL_SDK_DISABLED=true` nothing starts. Never throws: what goes
 * wrong is said on stderr and the app runs on.
 */
export function start(options: StartOptions = {}): Started {
  countStart();
  const running = registry[STARTED];
  if (running !== undefined) return running;
  if (!isObservedThread()) return NOT_STARTED;
  try {
    const configuration = readConfiguration(process.env, settingsTables);
    if (configuration.failure !== undefined) return refuse(configuration.failure);
    const started = startOnce(configuration, options ?? {}, [...configuration.problems, ...unknownOptions(options)]);
    registry[STARTED] = started;
    return started;
  } catch (error) {
    fail('SIETCH001', error instanceof Error ? (error.stack ?? error.message) : String(error));
    return NOT_STARTED;
  }
}

/**
 * The defaults would not do: the file may say where telemetry must not go, and what must not be in
 * it.
 */
function refuse(failure: string): Started {
  showDiagnostics(process.env['OTEL_LOG_LEVEL']);
  fail('SIETCH200', failure);
  return NOT_STARTED;
}

function startOnce(configuration: Configuration, options: StartOptions, problems: string[]): Started {
  const { env, file } = configuration;
  if (file !== undefined) useEnvironment(env);
  const core = readSettings(coreSettings, env, options.core, problems);
  const otel = readLiveSettings(otelSettings, env, options.otel, problems);
  if (otel.disabled) return NOT_STARTED;
  const releaseApi = claimApi();
  if (file === undefined) showDiagnostics(otel.logLevel);
  else showChangingDiagnostics(otel);
  if (!canStart() || warnOfEarlierSdk()) return NOT_STARTED;
  warnOfAgents();
  routeEvents(core.events);

  const metricsValues = readSettings(metricsSettings, env, options.metrics, problems);
  const recorderValues = readSettings(recorderSettings, env, options.recorder, problems);
  const given = withFileParts(readSdkParts(options, problems), file, problems);
  if (given.idGenerator !== undefined) idGenerator.use(given.idGenerator);
  const service = findService(env, otel.serviceName, undefined, given.resource);
  const on: Integration[] = Object.values(integrations).filter((integration) => isIntegrationOn(integration.name, otel, env));
  const modules = on.flatMap((integration) => integration.modules);
  warnOfLateLoad(modules);
  watchCopies(modules);
  takeBundledModules();
  configureContext(readSettings(contextSettings, env, options.context, problems));
  const logsOn = exportersOf(otel.logs).length > 0 || given.logRecordProcessors.length > 0;
  const facts = { serviceName: service.name, logsOn, dbRootSpans: core.dbRootSpans };
  readResourceAttributes(env, problems);
  const sdkValues = inCorrectedEnvironment(problems, () => readLiveSettings(sdkSettings, environment(), undefined, []));
  requireShare(sdkValues.sampler, env, problems);
  problems.push(...unboundedSettings(otel));
  const parts = on.flatMap((integration) => {
    const isOn = (library: string) => isLibraryOn(integration.name, library, otel, env);
    return startIntegration(integration, env, options, { ...facts, isOn }, problems);
  });
  reportConfiguration(configuration);
  // Integrations with the same settings find the same problems in them.
  for (const problem of new Set([...problems, ...unknownNames(env, knownVariables())])) warn('SIETCH002', problem);
  for (const header of wrongHeaders(env)) warn('SIETCH155', header);
  for (const variable of unsupportedVariables(env)) warn('SIETCH275', variable);

  const ofApp = findAppInstrumentations({
    named: core.extraInstrumentations,
    ours: Object.values(integrations).flatMap((integration) => integration.modules),
    isOn: (name) => isIntegrationOn(name, otel, env),
  });
  const innerFiles = on.flatMap((integration) => integration.innerFiles ?? []);
  hookImports([...modules, ...innerFiles, ...ofApp.modules, API_PACKAGE], core.esmHook);
  const metricExporters = isMainThread ? exportersOf(otel.metrics) : [];
  const counting: HistogramCounting = {
    exemplars: metricExporters.some((name) => name === 'prometheus' || name === 'otlp') ? metricsValues.exemplarFilter : 'always_off',
    exponential: otel.histogramAggregation === BASE2,
  };
  const endpoint = metricExporters.includes('prometheus') ? startMetricsEndpoint(metricsValues, counting) : undefined;
  const pipelines = inCorrectedEnvironment([], () => createPipelines(otel, core));
  const instrumentations = [
    endpoint?.meterWatch ?? new MeterWatch(counting),
    new ApiWatch(watchSdks),
    ...parts.flatMap((part) => part.instrumentations),
    ...ofApp.instrumentations,
  ];
  const resource = createResource(service, otel.detectors, given.resource);
  const limits = createSpanLimits(sdkValues);
  const exporting = [...pipelines.spanProcessors, ...given.spanProcessors.map((each) => new AppSpanProcessor(each))];
  const logProcessors = [...pipelines.logProcessors, ...given.logRecordProcessors.map((each) => new AppLogProcessor(each))];
  const appReaders = given.metricReaders.map((each) => new AppMetricReader(each));
  const metricReaders = [...(endpoint === undefined ? [] : [endpoint.reader]), ...pipelines.pushReaders, ...appReaders];
  const recorder = createRecorder(recorderValues, { exporting, isFull: pipelines.areSpansFull });
  const known = createSampler(sdkValues, file?.sampler);
  const { sampler, rule } =
    given.sampler === undefined ? known : { sampler: new AppSampler(given.sampler, known.sampler), rule: undefined };
  const processors = withCorrelationIds(withoutErrorMessages(recorder === undefined ? exporting : [recorder]));
  const processor = new SpanProcessors(processors);
  const sdkConfiguration = {
    resource,
    autoDetectResources: false,
    sampler,
    spanLimits: limits,
    views: given.views,
    textMapPropagator: createPropagator(otel.propagators, [traceIdPropagator]),
    contextManager: managerForSdk(),
    idGenerator,
    spanProcessors: processors.length === 0 ? [] : [processor],
    logRecordProcessors: recorder === undefined ? logProcessors : keepingTraces(logProcessors),
    metricReaders,
    instrumentations,
  };
  const sdk = inCorrectedEnvironment([], () => startSdk(sdkConfiguration));
  const counts = new SpanCounts();
  giveOwnTracers(trace.getTracerProvider(), {
    resource,
    sampler,
    rule,
    idGenerator,
    limits,
    processor,
    counts,
    startsAll: given.spanProcessors.some(wantsOpenSpans),
    recorder,
    blockedTime: core.eventLoopBlocksMs === 0 || processors.length === 0 ? undefined : new BlockedTime(core.eventLoopBlocksMs),
  });
  for (const instrumentation of ofApp.named) {
    // What the SDK has given it has no `forceFlush`, by which
    // @opentelemetry/instrumentation-aws-lambda sends the spans of an invocation before Lambda
    // stops the process.
    instrumentation.setTracerProvider(trace.getTracerProvider());
    instrumentation.open();
  }
  makeLoggersSafe(logs.getLoggerProvider());
  releaseApi();
  rememberManager();

  const processSocket =
    core.now && isMainThread
      ? openSocketLater({ service, attributes: resource.attributes, queues: pipelines.queues, recorder })
      : undefined;
  const endReload = file === undefined ? () => {} : reloadOnChange({ file, tables: settingsTables, everyMs: core.configPollMs });
  const shutdown = createShutdown(sdk, parts, endpoint, core.shutdownMs, () => {
    endReload();
    processSocket?.remove();
  });
  watchStillRunning(core.stillRunningMs);
  measureTelemetry(pipelines.queues, counts);
  if (recorder !== undefined) measureRecorder(recorder);
  const pushReaders = [...pipelines.pushReaders, ...(endpoint?.flushedAtExit ?? [])];
  sendAtExit(
    { ...pipelines, pushReaders },
    {
      capMs: core.shutdownMs,
      signals: core.signals,
      leave: () => processSocket?.remove(),
      clearRecorder: () => recorder?.ring.clear(),
    },
  );
  if (isMainThread) checkSelfLater(pipelines.queues, core);
  const names = on.map(({ name }) => name);
  const sayStarted = () => printBanner({ service, otel, env, metricsUrl: endpoint?.place, integrations: names });
  if (core.banner && isMainThread) sayOnce(sayStarted, endpoint);
  return {
    integrations: names,
    get metricsUrl() {
      return endpoint?.url;
    },
    shutdown,
  };
}

function startSdk(configuration: ConstructorParameters<typeof NodeSDK>[0]): NodeSDK {
  const sdk = keepingDiagnostics(() => new NodeSDK(configuration));
  sdk.start();
  return sdk;
}

function startIntegration(
  integration: Integration,
  env: Environment,
  options: StartOptions,
  given: Omit<IntegrationContext<SettingsTable>, 'settings'>,
  problems: string[],
): StartedIntegration[] {
  const own = Object.entries(options).find(([name]) => name === (integration.section ?? integration.name))?.[1];
  try {
    return [integration.start({ ...given, settings: readLiveSettings(integration.settings, env, own, problems) })];
  } catch (error) {
    fail('SIETCH003', `${integration.name}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** When the URL of the metrics is known, or the process ends before. */
function sayOnce(say: () => void, endpoint: MetricsEndpoint | undefined): void {
  let isSaid = false;
  const once = () => {
    if (!isSaid) say();
    isSaid = true;
  };
  if (endpoint === undefined) once();
  else endpoint.whenUrlKnown(once);
  if (!isSaid) addHiddenListener('exit', once);
}

function createShutdown(
  sdk: NodeSDK,
  parts: readonly StartedIntegration[],
  endpoint: MetricsEndpoint | undefined,
  deadlineMs: number,
  endReload: () => void,
): () => Promise<void> {
  let running: Promise<void> | undefined;
  const deferred = parts.flatMap(({ instrumentations }) => instrumentations).filter((each) => each instanceof DeferredInstrumentation);
  const steps = [
    async () => endReload(),
    ...deferred.map((each) => () => each.shutdown()),
    () => sdk.shutdown(),
    ...parts.map((part) => async () => part.shutdown?.()),
    async () => endpoint?.shutdown(),
  ];
  return () => {
    running ??= runShutdown(steps, deadlineMs);
    return running;
  };
}

function knownVariables(): string[] {
  return Object.values(settingsTables).flatMap((table) => Object.values(table).map(({ env }) => env));
}
