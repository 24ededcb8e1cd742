// Prometheus labels of attributes, made once for each series: its attributes are one object for its
// life.
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { SCHEMA_URL } from '../sdk/version.js';
import { escapeText, quoted } from './family.js';
import type { Naming } from './naming.js';

/**
 * Labels that the exposition sets; an attribute of that name gets the prefix that Prometheus uses
 * for such conflicts.
 */
const RESERVED = new Set(['le', 'otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url']);

export type Label = readonly [name: string, value: string];

/** `a="1",b="2",`, each label followed by a comma; empty without attributes. */
export function labelsOf(attributes: Attributes, naming: Naming): string {
  let labels = naming.labels.get(attributes);
  if (labels === undefined) {
    labels = labelPairs(attributes, naming)
      .map((label) => `${labelText(label)},`)
      .join('');
    naming.labels.set(attributes, labels);
  }
  return labels;
}

/** `otel_scope_name="pg",otel_scope_version="1.0"`: at least the first. */
export function scopeLabels(scope: InstrumentationScope, naming: Naming): string {
  let labels = naming.scopes.get(scope);
  if (labels === undefined) {
    labels = scopePairs(scope).map(labelText).join(',');
    naming.scopes.set(scope, labels);
  }
  return labels;
}

/**
 * Without the schema of our own scopes: it would be on every series, and make new ones of all with
 * each version of the conventions.
 */
export function scopePairs({ name, version, schemaUrl }: InstrumentationScope): Label[] {
  const labels: Label[] = [['otel_scope_name', name]];
  if (version) labels.push(['otel_scope_version', version]);
  if (schemaUrl && schemaUrl !== SCHEMA_URL) labels.push(['otel_scope_schema_url', schemaUrl]);
  return labels;
}

export function labelPairs(attributes: Attributes, naming: Naming): Label[] {
  const values = new Map<string, string>();
  // Values of keys that become one label are joined, in the order of the keys (Prometheus
  // compatibility specification, "Metric Attributes").
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key];
    let name = naming.labelName(key);
    if (value === undefined || value === null || /^_*$/.test(name)) continue;
    if (RESERVED.has(name)) name = `exported_${name}`;
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? labelValue(value) : `${earlier};${labelValue(value)}`);
  }
  return [...values];
}

function labelText([name, value]: Label): string {
  return `${quoted(name)}="${escapeText(value)}"`;
}

function labelValue(value: AttributeValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
