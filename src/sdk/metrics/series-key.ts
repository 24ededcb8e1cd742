// Keys for instruments and series.
import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';

/** Equal for equal attributes in any order. */
export function seriesKey(attributes: Attributes): string {
  const keys = Object.keys(attributes).sort();
  return JSON.stringify(keys.map((key) => [key, attributes[key]]));
}

/** Ignores the case of the name, as the specification does. */
export function instrumentKey({ name: scopeName, version = '', schemaUrl = '' }: InstrumentationScope, name: string): string {
  return `${scopeName}\n${version}\n${schemaUrl}\n${name.toLowerCase()}`;
}
