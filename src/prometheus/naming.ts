// The naming of one kind of answer: makes Prometheus' names of OpenTelemetry's, and keeps what was
// made of them.
import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { escapeName } from './escape-name.js';
import { type FamilyType, familyName, familyNameUtf8, labelName } from './family-name.js';
import type { Escaping } from './format.js';

/** By the names of the specification's configuration of the Prometheus exporter. */
export const TRANSLATIONS = ['underscore_escaping_with_suffixes', 'no_utf8_escaping_with_suffixes'] as const;
export type Translation = (typeof TRANSLATIONS)[number];

export class Naming {
  /** Different for each naming. */
  readonly key: string;
  readonly labels = new WeakMap<Attributes, string>();
  readonly scopes = new WeakMap<InstrumentationScope, string>();
  readonly #escaping: Escaping | undefined;

  /** @param escaping undefined: dots and the like are underscores before anything is escaped */
  constructor(escaping?: Escaping) {
    this.#escaping = escaping;
    this.key = escaping ?? '';
  }

  /** Without `_total`. Empty when no usable character is left. */
  familyName(name: string, unit: string, type: FamilyType): string {
    return this.#escaping === undefined ? familyName(name, unit, type) : familyNameUtf8(name, unit, type);
  }

  labelName(key: string): string {
    return this.#escaping === undefined ? labelName(key) : escapeName(key, this.#escaping);
  }

  /** A name as it is written. */
  escape(name: string): string {
    return this.#escaping === undefined ? name : escapeName(name, this.#escaping);
  }
}

const LEGACY = new Naming();
const byEscaping = new Map<Escaping, Naming>();

/** With underscores there is nothing left to escape. */
export function namingFor(translation: Translation, escaping: Escaping): Naming {
  if (translation === 'underscore_escaping_with_suffixes') return LEGACY;
  let naming = byEscaping.get(escaping);
  if (naming === undefined) {
    naming = new Naming(escaping);
    byEscaping.set(escaping, naming);
  }
  return naming;
}
