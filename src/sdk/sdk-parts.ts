// Checks the parts of the SDK that an app gives to start() in code: its own processors of spans and
// log records, metric readers, sampler, id generator, views and resource.
import type { Attributes } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { type IMetricReader, MeterProvider, type ViewOptions } from '@opentelemetry/sdk-metrics';
import type { IdGenerator, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace';
import { propertyOf } from '../context/api-misuse.js';
import type { FileConfiguration, ViewPlan } from '../declarative/file-configuration.js';

export interface SdkParts {
  readonly spanProcessors: readonly SpanProcessor[];
  readonly logRecordProcessors: readonly LogRecordProcessor[];
  readonly metricReaders: readonly IMetricReader[];
  readonly sampler: Sampler | undefined;
  readonly idGenerator: IdGenerator | undefined;
  readonly views: ViewOptions[];
  readonly resource: Resource;
}

/** Never throws. @param problems receives one line for each part that cannot be used */
export function readSdkParts(options: unknown, problems: string[]): SdkParts {
  const refuse = (what: string, expected: string, using: string) => {
    problems.push(`start() option ${what}: expected ${expected}; using ${using}`);
  };
  const listOf = <Item>(name: string, isItem: (value: unknown) => value is Item, expected: string): Item[] => {
    const given = propertyOf(options, name);
    if (given === undefined) return [];
    if (!Array.isArray(given)) {
      refuse(name, `a list of ${expected}s`, 'none');
      return [];
    }
    return given.filter((item, index): item is Item => {
      const isUsable = isItem(item);
      if (!isUsable) refuse(`${name}[${index}]`, `a ${expected}`, 'the others');
      return isUsable;
    });
  };
  const one = <Part>(name: string, isPart: (value: unknown) => value is Part, expected: string, using: string): Part | undefined => {
    const given = propertyOf(options, name);
    if (given === undefined || isPart(given)) return given;
    refuse(name, expected, using);
    return undefined;
  };
  return {
    spanProcessors: listOf('spanProcessors', isSpanProcessor, 'span processor (onStart, onEnd, forceFlush, shutdown)'),
    logRecordProcessors: listOf('logRecordProcessors', isLogProcessor, 'log record processor (onEmit, forceFlush, shutdown)'),
    metricReaders: listOf('metricReaders', isMetricReader, 'metric reader (setMetricProducer, collect, forceFlush, shutdown)'),
    sampler: one('sampler', isSampler, 'a sampler (shouldSample)', 'OTEL_TRACES_SAMPLER'),
    idGenerator: one('idGenerator', isIdGenerator, 'a generator (generateTraceId, generateSpanId)', 'random ids'),
    views: listOf('views', isView, 'view (instrumentName, …)'),
    resource: one('resource', isResource, 'a resource of @opentelemetry/resources', 'the detected one') ?? resourceFromAttributes({}),
  };
}

/** The parts, and those of a configuration file, which count less. */
export function withFileParts(given: SdkParts, file: FileConfiguration | undefined, problems: string[]): SdkParts {
  if (file === undefined) return given;
  const views = file.views.flatMap((plan, index) => {
    const view = viewOf(plan);
    if (isView(view)) return [view];
    problems.push(`meter_provider.views[${index}]: the SDK does not take it; it is ignored`);
    return [];
  });
  return { ...given, views: [...views, ...given.views], resource: resourceFromAttributes(file.resource).merge(given.resource) };
}

function viewOf({ options, attributeKeys }: ViewPlan): object {
  if (attributeKeys === undefined) return options;
  const [included, excluded] = [(attributeKeys.included ?? ['*']).map(patternOf), (attributeKeys.excluded ?? []).map(patternOf)];
  const isKept = (key: string) => included.some((pattern) => pattern.test(key)) && !excluded.some((pattern) => pattern.test(key));
  const process = (attributes: Attributes) => Object.fromEntries(Object.entries(attributes).filter(([key]) => isKept(key)));
  return { ...options, attributesProcessors: [{ process }] };
}

/** `*` stands for any characters, `?` for one. */
function patternOf(wildcard: string): RegExp {
  const source = wildcard
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

function isSpanProcessor(value: unknown): value is SpanProcessor {
  return hasMethods(value, 'onStart', 'onEnd', 'forceFlush', 'shutdown');
}

function isLogProcessor(value: unknown): value is LogRecordProcessor {
  return hasMethods(value, 'onEmit', 'forceFlush', 'shutdown');
}

function isMetricReader(value: unknown): value is IMetricReader {
  return hasMethods(value, 'setMetricProducer', 'collect', 'forceFlush', 'shutdown');
}

function isSampler(value: unknown): value is Sampler {
  return hasMethods(value, 'shouldSample');
}

function isIdGenerator(value: unknown): value is IdGenerator {
  return hasMethods(value, 'generateTraceId', 'generateSpanId');
}

function isResource(value: unknown): value is Resource {
  return hasMethods(value, 'merge', 'getRawAttributes') && typeof propertyOf(value, 'attributes') === 'object';
}

/** Tells whether the SDK accepts the view; it would throw at the start otherwise. */
function isView(value: unknown): value is ViewOptions {
  if (typeof value !== 'object' || value === null) return false;
  try {
    new MeterProvider({ views: [value] });
    return true;
  } catch {
    return false;
  }
}

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && names.every((name) => typeof propertyOf(value, name) === 'function');
}
