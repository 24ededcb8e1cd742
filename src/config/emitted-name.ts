// The types of emitted names: each span, metric, attribute, event and log record that an
// integration emits is declared in its names.ts. docs/reference is generated from them; dashboards
// and alerts are checked against them.

export interface EmittedSpan {
  readonly type: 'span';
  /** The name, with `{placeholders}`. */
  readonly name: string;
  readonly kind: 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER' | 'INTERNAL';
  readonly meaning: string;
}

export type InstrumentKind =
  | 'counter'
  | 'up-down counter'
  | 'histogram'
  | 'gauge'
  | 'observable counter'
  | 'observable up-down counter'
  | 'observable gauge';

export interface EmittedMetric {
  readonly type: 'metric';
  readonly name: string;
  readonly instrument: InstrumentKind;
  /** UCUM unit, as handed to the SDK. */
  readonly unit: string;
  /** Keys of its attributes. */
  readonly attributes: readonly string[];
  readonly meaning: string;
}

export interface EmittedAttribute {
  readonly type: 'attribute';
  readonly name: string;
  readonly meaning: string;
}

/** A span event or a log record with an event name. */
export interface EmittedEvent {
  readonly type: 'event';
  readonly name: string;
  readonly meaning: string;
}

export type EmittedName = EmittedSpan | EmittedMetric | EmittedAttribute | EmittedEvent;
