// `resource` of a configuration file: attributes that are texts as OTEL_RESOURCE_ATTRIBUTES, others
// as they are; detectors.
import type { AttributeValue } from '@opentelemetry/api';
import type { Environment } from '../config/read.js';
import type { ConfigMap, ConfigValue } from './config-value.js';
import type { Variables } from './variables.js';

const TYPES = ['string', 'bool', 'int', 'double', 'string_array', 'bool_array', 'int_array', 'double_array'] as const;
type AttributeType = (typeof TYPES)[number];

/** Detectors of the schema, and ours. */
const DETECTORS: Readonly<Record<string, readonly string[]>> = {
  host: ['host', 'os'],
  process: ['process'],
  service: ['serviceinstance'],
  container: ['container'],
};

/** Returns the attributes that are no text. */
export function readResource(map: ConfigMap, env: Environment, out: Variables): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  const list = map.get('attributes_list');
  const texts = [list?.text() ?? ''];
  const single = map.get('attributes');
  for (const each of single?.list() ?? []) {
    const [name, value] = readAttribute(each) ?? [];
    if (name === undefined || value === undefined) continue;
    if (typeof value !== 'string') attributes[name] = value;
    else texts.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    if (name === 'service.name') out.set('OTEL_SERVICE_NAME', each, String(value));
  }
  const text = texts.filter((member) => member !== '').join(',');
  out.set('OTEL_RESOURCE_ATTRIBUTES', single ?? list, text === '' ? undefined : text);
  readDetection(map.get('detection/development')?.map(), env, out);
  map.leaveOut('schema_url');
  map.end();
  return attributes;
}

function readAttribute(entry: ConfigValue): readonly [string, AttributeValue] | undefined {
  const map = entry.map();
  const name = map.get('name')?.text();
  const value = map.get('value');
  const type = map.get('type')?.choice(TYPES) ?? 'string';
  map.end();
  if (name === undefined || name === '' || value === undefined) {
    entry.ignore('an attribute needs name and value; it is ignored');
    return undefined;
  }
  const read = readTyped(value, type);
  return read === undefined ? undefined : [name, read];
}

function readTyped(value: ConfigValue, type: AttributeType): AttributeValue | undefined {
  switch (type) {
    case 'string':
      return value.text();
    case 'bool':
      return value.boolean();
    case 'int':
      return value.integer(Number.MIN_SAFE_INTEGER);
    case 'double':
      return readDouble(value);
    case 'string_array':
      return value.list().flatMap((each) => each.text() ?? []);
    case 'bool_array':
      return value.list().flatMap((each) => each.boolean() ?? []);
    case 'int_array':
      return value.list().flatMap((each) => each.integer(Number.MIN_SAFE_INTEGER) ?? []);
    case 'double_array':
      return value.list().flatMap((each) => readDouble(each) ?? []);
  }
}

function readDouble(value: ConfigValue): number | undefined {
  return value.number(-Number.MAX_VALUE, Number.MAX_VALUE);
}

/** Without this section the distribution's own detectors stay on: the section is experimental. */
function readDetection(map: ConfigMap | undefined, env: Environment, out: Variables): void {
  if (map === undefined) return;
  const detectors = map.get('detectors');
  const names = (detectors?.list() ?? []).flatMap((each) => {
    const name = each.kind()?.name;
    if (name === undefined) return [];
    const ours = Object.hasOwn(DETECTORS, name) ? DETECTORS[name] : undefined;
    if (ours === undefined) each.ignoreKind(name, Object.keys(DETECTORS));
    // The service detector is the one that knows the variable, and counts less than the attributes.
    if (name === 'service' && !out.values.has('OTEL_SERVICE_NAME'))
      out.set('OTEL_SERVICE_NAME', each, env['OTEL_SERVICE_NAME'] || undefined);
    return ours ?? [];
  });
  out.set('OTEL_NODE_RESOURCE_DETECTORS', detectors, ['env', ...names].join(','));
  map.leaveOut('attributes');
  map.end();
}
