// Names for instruments and series, where one is needed.
import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';

/** The same for the same attributes in any order. */
export function seriesKey(attributes: Attributes): string {
  const keys = Object.keys(attributes).sort();
  return JSON.stringify(keys.map((key) => [key, attributes[key]]));
}

/** Names of instruments are case-insensitive. */
export function instrumentKey({ name: scopeName, version = '', schemaUrl = '' }: InstrumentationScope, name: string): string {
  return `${scopeName}\n${version}\n${schemaUrl}\n${name.toLowerCase()}`;
}
