// `meter_provider` of a configuration file: readers as variables, views as options of the SDK.
import type { ConfigMap, ConfigValue } from './config-value.js';
import { atLeastOne, limitOf, readExporter } from './exporter-section.js';
import type { ViewPlan } from './file-configuration.js';
import type { Variables } from './variables.js';

const PROMETHEUS = 'prometheus/development';
const TRANSLATIONS = ['underscore_escaping_with_suffixes', 'no_utf8_escaping_with_suffixes'];

const INSTRUMENTS = [
  'counter',
  'gauge',
  'histogram',
  'observable_counter',
  'observable_gauge',
  'observable_up_down_counter',
  'up_down_counter',
] as const;

/** `AggregationType` of the SDK. */
const AGGREGATIONS: Readonly<Record<string, number>> = {
  default: 0,
  drop: 1,
  sum: 2,
  last_value: 3,
  explicit_bucket_histogram: 4,
  base2_exponential_bucket_histogram: 5,
};

export function readMeterProvider(map: ConfigMap, out: Variables): ViewPlan[] {
  const exporters = new Set<string>();
  const readers = map.get('readers');
  if (readers === undefined && map.keys().length > 0) map.report('it needs readers; no metrics are exported');
  for (const reader of readers?.list() ?? []) {
    const { name, value } = reader.kind() ?? {};
    if (name === 'periodic') readPeriodic(value?.map(), out, exporters);
    else if (name === 'pull') readPull(value?.map(), out, exporters);
    else if (name !== undefined) reader.ignoreKind(name, ['periodic', 'pull']);
  }
  if (readers === undefined) out.putAbsent('OTEL_METRICS_EXPORTER', map.place, 'none');
  else out.put('OTEL_METRICS_EXPORTER', readers.place, [...exporters].join(',') || 'none');
  const views = (map.get('views')?.list() ?? []).flatMap((view) => readView(view) ?? []);
  const filter = map.get('exemplar_filter');
  const chosen = filter?.choice(['always_on', 'always_off', 'trace_based']);
  out.set('OTEL_METRICS_EXEMPLAR_FILTER', filter, chosen);
  map.end();
  return views;
}

function readPeriodic(map: ConfigMap | undefined, out: Variables, exporters: Set<string>): void {
  if (map === undefined) return;
  readExporter(map.get('exporter'), 'METRICS', out, exporters);
  const interval = map.get('interval');
  out.set('OTEL_METRIC_EXPORT_INTERVAL', interval, atLeastOne(interval?.integer(0)));
  const timeout = map.get('timeout');
  out.set('OTEL_METRIC_EXPORT_TIMEOUT', timeout, limitOf(timeout?.integer(0)));
  map.leaveOut('producers', 'cardinality_limits');
  map.end();
}

function readPull(map: ConfigMap | undefined, out: Variables, exporters: Set<string>): void {
  const exporter = map?.get('exporter');
  const { name, value } = exporter?.kind() ?? {};
  if (name === PROMETHEUS && value !== undefined) {
    exporters.add('prometheus');
    readPrometheus(value.map(), out);
  } else if (name !== undefined) exporter?.ignoreKind(name, [PROMETHEUS]);
  map?.leaveOut('producers', 'cardinality_limits');
  map?.end();
}

function readPrometheus(map: ConfigMap, out: Variables): void {
  const host = map.get('host');
  out.set('OTEL_EXPORTER_PROMETHEUS_HOST', host, host?.text());
  const port = map.get('port');
  out.set('OTEL_EXPORTER_PROMETHEUS_PORT', port, port?.integer(0));
  const translation = map.get('translation_strategy');
  const named = translation?.text()?.replace(/\/development$/, '');
  if (named === undefined || TRANSLATIONS.includes(named)) out.set('SIETCH_OTEL_PROMETHEUS_TRANSLATION', translation, named);
  else translation?.ignore('not supported; using underscore_escaping_with_suffixes');
  map.leaveOut('scope_info_enabled', 'target_info_enabled/development', 'resource_constant_labels');
  map.end();
}

function readView(value: ConfigValue): ViewPlan | undefined {
  const map = value.map();
  const selector = map.get('selector')?.map();
  const stream = map.get('stream')?.map();
  map.end();
  if (selector === undefined || stream === undefined) {
    value.ignore('a view needs selector and stream; it is ignored');
    return undefined;
  }
  const keys = readKeys(stream.get('attribute_keys')?.map());
  const options = present({ ...readSelector(selector), ...readStream(stream) });
  if (options['name'] !== undefined && !/^[^*?]+$/.test(String(options['instrumentName'] ?? ''))) {
    value.ignore('a stream with a name of its own needs a selector with the name of one instrument; the view is ignored');
    return undefined;
  }
  return { options, ...(keys === undefined ? {} : { attributeKeys: keys }) };
}

function readSelector(map: ConfigMap): Record<string, unknown> {
  const selector = {
    instrumentName: map.get('instrument_name')?.text(),
    instrumentType: map.get('instrument_type')?.choice(INSTRUMENTS)?.toUpperCase(),
    instrumentUnit: map.get('unit')?.text(),
    meterName: map.get('meter_name')?.text(),
    meterVersion: map.get('meter_version')?.text(),
    meterSchemaUrl: map.get('meter_schema_url')?.text(),
  };
  map.end();
  // The SDK wants one criterion at least.
  return Object.values(selector).some((each) => each !== undefined) ? selector : { instrumentName: '*' };
}

function readStream(map: ConfigMap): Record<string, unknown> {
  const stream = {
    name: map.get('name')?.text(),
    description: map.get('description')?.text(),
    aggregation: readAggregation(map.get('aggregation')),
    aggregationCardinalityLimit: map.get('aggregation_cardinality_limit')?.integer(1),
  };
  map.end();
  return stream;
}

function readAggregation(value: ConfigValue | undefined): object | undefined {
  if (value === undefined || value.isNull) return undefined;
  const { name, value: settings } = value.kind() ?? {};
  if (name === undefined || settings === undefined) return undefined;
  const type = Object.hasOwn(AGGREGATIONS, name) ? AGGREGATIONS[name] : undefined;
  if (type === undefined) {
    value.ignoreKind(name, Object.keys(AGGREGATIONS));
    return undefined;
  }
  const map = settings.map();
  const options = present(name.startsWith('explicit') ? readBuckets(map) : name.startsWith('base2') ? readExponential(map) : {});
  map.end();
  return Object.keys(options).length === 0 ? { type } : { type, options };
}

function readBuckets(map: ConfigMap): Record<string, unknown> {
  const boundaries = map.get('boundaries');
  const numbers = boundaries?.list().map((each) => each.number(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY));
  const isWhole = numbers?.every((each) => each !== undefined);
  // The SDK needs them, once there are options.
  const recordMinMax = map.get('record_min_max')?.boolean();
  return {
    boundaries: isWhole === false ? undefined : (numbers ?? (recordMinMax === undefined ? undefined : DEFAULT_BOUNDARIES)),
    recordMinMax,
  };
}

const DEFAULT_BOUNDARIES = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

function readExponential(map: ConfigMap): Record<string, unknown> {
  const scale = map.get('max_scale');
  if (scale !== undefined && !scale.isNull && scale.number(-10, 20) !== 20) scale.ignore('not supported; using 20');
  return { maxSize: map.get('max_size')?.integer(2), recordMinMax: map.get('record_min_max')?.boolean() };
}

function readKeys(map: ConfigMap | undefined): ViewPlan['attributeKeys'] {
  if (map === undefined) return undefined;
  const listOf = (key: string) => {
    const value = map.get(key);
    return value === undefined || value.isNull ? undefined : value.list().flatMap((each) => each.text() ?? []);
  };
  const [included, excluded] = [listOf('included'), listOf('excluded')];
  map.end();
  return { ...(included === undefined ? {} : { included }), ...(excluded === undefined ? {} : { excluded }) };
}

function present(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
