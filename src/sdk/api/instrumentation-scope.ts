// The instrumentation scope that an app asks for a tracer, meter or logger under: its name, version
// and schema URL as texts that can be sent.
import type { InstrumentationScope } from '@opentelemetry/core';
import { nameOf, propertyOf, textOf } from '../../context/api-misuse.js';

/** A scope is named in every export. */
const MAX_LENGTH = 1_000;

/** Never throws. */
export function readScope(
  call: string,
  name: string,
  version: string | undefined,
  options: object | null | undefined,
): InstrumentationScope {
  const readVersion = textOf(version)?.slice(0, MAX_LENGTH);
  const schemaUrl = textOf(propertyOf(options, 'schemaUrl'))?.slice(0, MAX_LENGTH);
  return {
    name: nameOf(call, name).slice(0, MAX_LENGTH),
    ...(readVersion === undefined ? {} : { version: readVersion }),
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
  };
}

/** The same for the same scope. */
export function scopeKey({ name, version = '', schemaUrl = '' }: InstrumentationScope): string {
  return `${name}\n${version}\n${schemaUrl}`;
}
