// The instrumentation scope that an app asks for a tracer, meter or logger under: its name, version
// and schema URL as texts that can be sent.
import type { InstrumentationScope } from '@opentelemetry/core';
import { nameOf, propertyOf, textOf } from '../../context/api-misuse.js';
import { DISTRO_NAME, SCHEMA_URL } from '../version.js';

/** A scope is named in every export. */
const MAX_LENGTH = 1_000;

/** Upstream's instrumentations that come with the distribution, whose names are checked with its own. */
const BUNDLED = /^@opentelemetry\/instrumentation-(?:express|http|undici|runtime-node|pg|ioredis|pino)$/;

/** Never throws. */
export function readScope(
  call: string,
  name: string,
  version: string | undefined,
  options: object | null | undefined,
): InstrumentationScope {
  const readVersion = textOf(version)?.slice(0, MAX_LENGTH);
  const readName = nameOf(call, name).slice(0, MAX_LENGTH);
  const schemaUrl = textOf(propertyOf(options, 'schemaUrl'))?.slice(0, MAX_LENGTH) ?? schemaUrlOf(readName);
  return {
    name: readName,
    ...(readVersion === undefined ? {} : { version: readVersion }),
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
  };
}

function schemaUrlOf(name: string): string | undefined {
  return name.startsWith(DISTRO_NAME) || BUNDLED.test(name) ? SCHEMA_URL : undefined;
}

/** The same for the same scope. */
export function scopeKey({ name, version = '', schemaUrl = '' }: InstrumentationScope): string {
  return `${name}\n${version}\n${schemaUrl}`;
}
