// A command by its name and form on one endpoint: attributes of its durations and what its spans
// are made of, made once and not for each call.
import { type Attributes, SpanKind } from '@opentelemetry/api';
import { ATTR_DB_QUERY_TEXT } from '@opentelemetry/semantic-conventions';
import { HAS_NAMES_OF_0_1 } from '../../config/renamed-names.js';
import type { BoundInstrument } from '../../sdk/metrics/bound-instrument.js';
import type { OperationSeries } from '../operation-series.js';
import type { ResultCache } from '../result-cache.js';
import { createSpanModel, type SpanModel } from '../span-model.js';
import type { CommandKind } from './command-kind.js';
import { statementOf } from './statement.js';

const MAX_KEPT_KEY = 512;

/** A Redis server and database. */
export interface Server {
  readonly namespace: string;
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Durations, by command and form. */
  readonly durations: OperationSeries;
}

export class CommandTarget {
  readonly endpoint: Server;
  readonly kind: CommandKind;
  readonly name: string;
  /** Durations of commands that succeeded. */
  readonly durations: BoundInstrument;
  readonly #models: ResultCache<string, SpanModel>;
  #lastKey: unknown;
  #lastModel: SpanModel | undefined;

  /** @param models of all commands on the endpoint, by name and statement */
  constructor(endpoint: Server, name: string, kind: CommandKind, models: ResultCache<string, SpanModel>) {
    this.endpoint = endpoint;
    this.name = name;
    this.kind = kind;
    this.durations = endpoint.durations.succeeded(name);
    this.#models = models;
  }

  /** The constant parts of a call's span: the same object each time, as a rule. */
  modelOf(args: readonly unknown[], shown: 'off' | 'command' | 'key'): SpanModel {
    if (shown !== 'key') return this.#modelFor(shown === 'off' ? '' : this.kind.name);
    const hasOneKey = this.kind.keys === 'first';
    const key = hasOneKey ? args[0] : undefined;
    if (this.#lastModel !== undefined && typeof key === 'string' && key === this.#lastKey) return this.#lastModel;
    const model = this.#modelFor(statementOf(this.kind, args));
    if (typeof key === 'string' && key.length <= MAX_KEPT_KEY) {
      this.#lastKey = key;
      this.#lastModel = model;
    }
    return model;
  }

  #modelFor(statement: string): SpanModel {
    const key = `${this.name}\n${statement}`;
    const known = this.#models.get(key);
    if (known !== undefined) return known;
    const attributes: Attributes = { ...this.durations.attributes };
    if (statement !== '') attributes[ATTR_DB_QUERY_TEXT] = statement;
    const model = createSpanModel(HAS_NAMES_OF_0_1 ? this.kind.name : this.name, SpanKind.CLIENT, attributes);
    this.#models.offer(key, model);
    return model;
  }
}
