// What all spans of one operation have in common (a statement on a database, a command on a server,
// a kind of job, a method on a host): made once, so that it is checked, sized and encoded once.
import type { Attributes, SpanKind, SpanOptions } from '@opentelemetry/api';
import { SpanShape } from '../sdk/trace/completed-span.js';
import { ConstantAttributes, type ConstantOptions } from '../sdk/trace/constant-attributes.js';

/** Its objects are used again: never change them. */
export interface SpanModel {
  readonly name: string;
  /** For a span that is started. */
  readonly options: SpanOptions;
  /** For a span that is made when its operation has ended; undefined where it has to be started. */
  readonly shape: SpanShape | undefined;
}

/** @param attributes texts, numbers and booleans; they are frozen */
export function createSpanModel(name: string, kind: SpanKind, attributes: Attributes): SpanModel {
  const constants = new ConstantAttributes(attributes);
  const options: ConstantOptions = { kind, attributes, constants };
  return { name, options, shape: new SpanShape(name, kind, constants) };
}
