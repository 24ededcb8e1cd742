// All tables of variables, by section: the options of `start()`, what is a known name, and what the
// README lists.
import type { Attributes, Context, Link, Span, SpanKind, TraceState } from '@opentelemetry/api';
import { coreSettings, otelSettings, sdkSettings } from '../config/core-settings.js';
import { checkOptions } from '../config/options.js';
import type { SettingsOptions } from '../config/read.js';
import type { SettingsTable } from '../config/setting.js';
import { contextSettings } from '../context/settings.js';
import { circuitSettings } from '../integrations/circuit/settings.js';
import { httpSettings } from '../integrations/http/settings.js';
import { loggingSettings } from '../integrations/logging/settings.js';
import { pgSettings } from '../integrations/pg/settings.js';
import { queueSettings } from '../integrations/queue/settings.js';
import { runtimeSettings } from '../integrations/runtime/settings.js';
import { redisSettings } from '../observe/redis/settings.js';
import { metricsSettings } from '../prometheus/settings.js';
import { recorderSettings } from '../sdk/recorder/settings.js';

export const settingsTables = {
  core: coreSettings,
  context: contextSettings,
  http: httpSettings,
  pg: pgSettings,
  redis: redisSettings,
  queue: queueSettings,
  circuit: circuitSettings,
  logging: loggingSettings,
  runtime: runtimeSettings,
  recorder: recorderSettings,
  metrics: metricsSettings,
  otel: otelSettings,
  sdk: sdkSettings,
} as const satisfies Readonly<Record<string, SettingsTable>>;

/**
 * Parts of the SDK in the options of `start()`: objects of the app's own copies of the
 * OpenTelemetry packages. Their types are written in terms of the API alone, since no other
 * OpenTelemetry package comes with this one.
 */
export interface SdkParts {
  /** Get every span, beside the exporters of the distribution. */
  readonly spanProcessors?: readonly StartSpanProcessor[] | undefined;
  /** Get every log record, beside the exporters of the distribution. */
  readonly logRecordProcessors?: readonly StartLogRecordProcessor[] | undefined;
  /** Collect metrics, beside the exporters of the distribution. */
  readonly metricReaders?: readonly StartMetricReader[] | undefined;
  /** Decides in the place of `OTEL_TRACES_SAMPLER`. */
  readonly sampler?: StartSampler | undefined;
  /** Makes the ids of traces and spans that no caller has given. */
  readonly idGenerator?: { generateTraceId(): string; generateSpanId(): string } | undefined;
  /** As `ViewOptions` of `@opentelemetry/sdk-metrics`. */
  readonly views?: readonly object[] | undefined;
  /** A `Resource` of `@opentelemetry/resources`. Its attributes override all others. */
  readonly resource?: { readonly attributes: Attributes; getRawAttributes(): unknown[] } | undefined;
}

/** As `SpanProcessor` of the SDK. */
export interface StartSpanProcessor {
  onStart(span: Span, parentContext: Context): void;
  onEnding?(span: Span): void;
  onEnd(span: object): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** As `LogRecordProcessor` of the SDK. */
export interface StartLogRecordProcessor {
  onEmit(record: object, context?: Context): void;
  enabled?(options: { readonly context: Context; readonly severityNumber?: number; readonly eventName?: string }): boolean;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** As `MetricReader` of the SDK. */
export interface StartMetricReader {
  setMetricProducer(producer: object): void;
  collect(): Promise<object>;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** As `Sampler` of the SDK. */
export interface StartSampler {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): { readonly decision: 0 | 1 | 2; readonly attributes?: Readonly<Attributes>; readonly traceState?: TraceState };
}

const SDK_PARTS: Readonly<Record<keyof SdkParts, true>> = {
  spanProcessors: true,
  logRecordProcessors: true,
  metricReaders: true,
  sampler: true,
  idGenerator: true,
  views: true,
  resource: true,
};

/**
 * Options of `start()`: settings by section, each of which overrides its variable, and parts of the
 * SDK. What is under `sdk` in the tables is read from the environment only.
 */
export type StartOptions = SdkParts & {
  readonly [Section in Exclude<keyof typeof settingsTables, 'sdk'>]?: SettingsOptions<(typeof settingsTables)[Section]>;
};

/** Finds unknown options of `start()`: one line for each section that has one. */
export function unknownOptions(options: unknown): string[] {
  const { sdk: _, ...sections } = settingsTables;
  const problems = [problemOf('options', options, { ...sections, ...SDK_PARTS })];
  for (const [name, table] of Object.entries(sections)) {
    const section: unknown = typeof options === 'object' && options !== null ? Reflect.get(options, name) : undefined;
    if (section !== undefined) problems.push(problemOf(name, section, table));
  }
  return problems.filter((problem) => problem !== undefined);
}

function problemOf(name: string, options: unknown, known: object): string | undefined {
  try {
    checkOptions(name, options, Object.fromEntries(Object.keys(known).map((key) => [key, () => {}])));
    return undefined;
  } catch (error) {
    return `start(): ${error instanceof Error ? error.message : String(error)}; it is ignored`;
  }
}
