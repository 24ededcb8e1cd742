// Prometheus labels of attributes, made once for each series: its attributes are one object for its
// life.
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { SCHEMA_URL } from '../sdk/version.js';
import { labelName } from './family-name.js';

/**
 * Labels that the exposition sets; an attribute of that name gets the prefix that Prometheus uses
 * for such conflicts.
 */
const RESERVED = new Set(['le', 'otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url']);

const known = new WeakMap<Attributes, string>();
const knownScopes = new WeakMap<InstrumentationScope, string>();

/** `a="1",b="2",`, each label followed by a comma; empty without attributes. */
export function labelsOf(attributes: Attributes): string {
  let labels = known.get(attributes);
  if (labels === undefined) {
    labels = joinLabels(attributes);
    known.set(attributes, labels);
  }
  return labels;
}

/**
 * `otel_scope_name="pg",otel_scope_version="1.0"`: at least the first. Without the schema of our own
 * scopes: it would be on every series, and make new ones of all with each version of the
 * conventions.
 */
export function scopeLabels(scope: InstrumentationScope): string {
  let labels = knownScopes.get(scope);
  if (labels === undefined) {
    labels = `otel_scope_name="${escapeLabelValue(scope.name)}"`;
    if (scope.version) labels += `,otel_scope_version="${escapeLabelValue(scope.version)}"`;
    if (scope.schemaUrl && scope.schemaUrl !== SCHEMA_URL) labels += `,otel_scope_schema_url="${escapeLabelValue(scope.schemaUrl)}"`;
    knownScopes.set(scope, labels);
  }
  return labels;
}

function joinLabels(attributes: Attributes): string {
  const values = new Map<string, string>();
  // Values of keys that become one label are joined, in the order of the keys (Prometheus
  // compatibility specification, "Metric Attributes").
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key];
    let name = labelName(key);
    if (value === undefined || value === null || /^_*$/.test(name)) continue;
    if (RESERVED.has(name)) name = `exported_${name}`;
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? labelValue(value) : `${earlier};${labelValue(value)}`);
  }
  let labels = '';
  for (const [name, value] of values) labels += `${name}="${escapeLabelValue(value)}",`;
  return labels;
}

function labelValue(value: AttributeValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}
