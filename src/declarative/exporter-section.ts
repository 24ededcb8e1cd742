// Exporters and processors of a configuration file, as the OTEL_EXPORTER_OTLP_* and batch variables
// of their signal. One collector for each signal.
import type { OtlpSignal } from '../config/otlp-signals.js';
import type { ConfigMap, ConfigValue } from './config-value.js';
import type { Variables } from './variables.js';

/** For a time that has no limit: the longest of a timer. */
const NO_LIMIT_MS = 2 ** 31 - 1;
const KINDS = ['otlp_http', 'otlp_grpc', 'console'];

/**
 * Processors of spans or log records.
 * @param batch the middle of the names of the batch variables
 */
export function readProcessors(map: ConfigMap, signal: OtlpSignal, batch: 'BSP' | 'BLRP', out: Variables): void {
  const exporters = new Set<string>();
  const list = map.get('processors');
  if (list === undefined && map.keys().length > 0) map.report('it needs processors; nothing is exported');
  for (const processor of list?.list() ?? []) {
    const { name, value } = processor.kind() ?? {};
    if (name === 'batch') readBatch(value?.map(), signal, batch, out, exporters);
    else if (name === 'simple') readSimple(value?.map(), signal, out, exporters);
    else if (name !== undefined) processor.ignoreKind(name, ['batch', 'simple']);
  }
  if (list === undefined) out.putAbsent(`OTEL_${signal}_EXPORTER`, map.place, 'none');
  else out.put(`OTEL_${signal}_EXPORTER`, list.place, [...exporters].join(',') || 'none');
}

function readBatch(map: ConfigMap | undefined, signal: OtlpSignal, batch: string, out: Variables, exporters: Set<string>): void {
  if (map === undefined) return;
  const delay = map.get('schedule_delay');
  const timeout = map.get('export_timeout');
  const queue = map.get('max_queue_size');
  const size = map.get('max_export_batch_size');
  const exporter = readExporter(map.get('exporter'), signal, out, exporters);
  if (exporter === 'otlp') {
    out.set(`OTEL_${batch}_SCHEDULE_DELAY`, delay, atLeastOne(delay?.integer(0)));
    out.set(`OTEL_${batch}_EXPORT_TIMEOUT`, timeout, limitOf(timeout?.integer(0)));
    out.set(`OTEL_${batch}_MAX_QUEUE_SIZE`, queue, queue?.integer(1));
    out.set(`OTEL_${batch}_MAX_EXPORT_BATCH_SIZE`, size, size?.integer(1));
  }
  map.end();
}

function readSimple(map: ConfigMap | undefined, signal: OtlpSignal, out: Variables, exporters: Set<string>): void {
  const value = map?.get('exporter');
  if (readExporter(value, signal, out, exporters) === 'otlp') value?.ignore('it exports in batches: `simple` is for the console');
  map?.end();
}

/** Adds the exporter to the signal's. Returns which it is. */
export function readExporter(
  value: ConfigValue | undefined,
  signal: OtlpSignal,
  out: Variables,
  exporters: Set<string>,
): string | undefined {
  const { name, value: settings } = value?.kind() ?? {};
  if (value === undefined || name === undefined || settings === undefined) return undefined;
  if (!KINDS.includes(name)) {
    value.ignoreKind(name, KINDS);
    return undefined;
  }
  const exporter = name === 'console' ? 'console' : 'otlp';
  if (exporters.has(exporter)) {
    value.ignore(`there is one ${exporter} exporter for each signal; it is ignored`);
    return undefined;
  }
  exporters.add(exporter);
  if (exporter === 'otlp') readOtlp(settings.map(), name === 'otlp_grpc', signal, out);
  else readConsole(settings.map());
  return exporter;
}

function readConsole(map: ConfigMap): void {
  map.leaveOut('temporality_preference', 'default_histogram_aggregation');
  map.end();
}

function readOtlp(map: ConfigMap, isGrpc: boolean, signal: OtlpSignal, out: Variables): void {
  const set = (what: string, value: ConfigValue | undefined, text: string | number | boolean | undefined) =>
    out.set(`OTEL_EXPORTER_OTLP_${signal}_${what}`, value, text);
  const encoding = isGrpc ? undefined : map.get('encoding');
  const isJson = encoding?.choice(['protobuf', 'json']) === 'json';
  out.put(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, encoding?.place ?? map.place, isGrpc ? 'grpc' : isJson ? 'http/json' : 'http/protobuf');
  const endpoint = map.get('endpoint');
  set('ENDPOINT', endpoint, endpoint?.text());
  const compression = map.get('compression');
  set('COMPRESSION', compression, compression?.choice(['gzip', 'none']));
  const timeout = map.get('timeout');
  set('TIMEOUT', timeout, limitOf(timeout?.integer(0)));
  readHeaders(map, set);
  readTls(map.section('tls'), isGrpc, set);
  if (signal === 'METRICS') readMetricChoices(map, out);
  map.leaveOut('max_request_size', 'max_response_size');
  map.end();
}

type SetVariable = (what: string, value: ConfigValue | undefined, text: string | number | boolean | undefined) => void;

/** Those of the list count less than the single ones, so they come first. */
function readHeaders(map: ConfigMap, set: SetVariable): void {
  const list = map.get('headers_list');
  const headers = map.get('headers');
  const single = (headers?.list() ?? []).map((header) => {
    const pair = header.map();
    const name = pair.get('name')?.text();
    const value = pair.get('value')?.text();
    pair.end();
    return name === undefined || value === undefined ? '' : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  });
  const text = [list?.text() ?? '', ...single].filter((member) => member !== '').join(',');
  set('HEADERS', headers ?? list, text === '' ? undefined : text);
}

function readTls(map: ConfigMap, isGrpc: boolean, set: SetVariable): void {
  for (const [key, what] of [
    ['ca_file', 'CERTIFICATE'],
    ['key_file', 'CLIENT_KEY'],
    ['cert_file', 'CLIENT_CERTIFICATE'],
  ] as const) {
    const file = map.get(key);
    set(what, file, file?.text());
  }
  const insecure = isGrpc ? map.get('insecure') : undefined;
  set('INSECURE', insecure, insecure?.boolean());
  map.end();
}

function readMetricChoices(map: ConfigMap, out: Variables): void {
  const temporality = map.get('temporality_preference');
  const chosen = temporality?.choice(['cumulative', 'delta', 'low_memory'])?.replace('_', '');
  out.set('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', temporality, chosen);
  const aggregation = map.get('default_histogram_aggregation');
  const buckets = aggregation?.choice(['explicit_bucket_histogram', 'base2_exponential_bucket_histogram']);
  out.set('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', aggregation, buckets);
}

/** Zero is no limit in the file. */
export function limitOf(ms: number | undefined): number | undefined {
  return ms === 0 ? NO_LIMIT_MS : ms;
}

/** The least that the variables take. */
export function atLeastOne(value: number | undefined): number | undefined {
  return value === 0 ? 1 : value;
}
