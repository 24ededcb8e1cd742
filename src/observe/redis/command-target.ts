// A command by its name and form on one endpoint: attributes of its durations and what its spans
// are made of, made once and not for each call.
import { type Attributes, SpanKind } from '@opentelemetry/api';
import { ATTR_DB_QUERY_TEXT } from '@opentelemetry/semantic-conventions';
import { HAS_NAMES_OF_0_1 } from '../../config/renamed-names.js';
import type { BoundInstrument } from '../../sdk/metrics/bound-instrument.js';
import type { OperationSeries } from '../operation-series.js';
import { createSpanModel, type SpanModel } from '../span-model.js';
import type { CommandKind } from './command-kind.js';
import { statementOf } from './statement.js';

/** Span models that one endpoint keeps: its commands, by the patterns of their keys. */
const MAX_MODELS = 300;
const MAX_KEPT_KEY = 512;

/** A Redis server and database. */
export interface Server {
  readonly namespace: string;
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Durations, by command and form. */
  readonly durations: OperationSeries;
}

/** How many models an endpoint keeps. */
export interface ModelBudget {
  kept: number;
}

export class CommandTarget {
  readonly endpoint: Server;
  readonly kind: CommandKind;
  readonly name: string;
  /** Durations of commands that succeeded. */
  readonly durations: BoundInstrument;
  readonly #budget: ModelBudget | undefined;
  readonly #models = new Map<string | undefined, SpanModel>();
  #lastKey: unknown;
  #lastModel: SpanModel | undefined;

  /** @param budget undefined: nothing is kept */
  constructor(endpoint: Server, name: string, kind: CommandKind, budget: ModelBudget | undefined) {
    this.endpoint = endpoint;
    this.name = name;
    this.kind = kind;
    this.durations = endpoint.durations.succeeded(name);
    this.#budget = budget;
  }

  /**
   * The constant parts of a call's span; the same object each time, while there are not too many of
   * them.
   */
  modelOf(args: readonly unknown[], shown: 'off' | 'command' | 'key'): SpanModel {
    if (shown !== 'key') return this.#modelFor(shown === 'off' ? undefined : this.kind.name);
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

  #modelFor(statement: string | undefined): SpanModel {
    const known = this.#models.get(statement);
    if (known !== undefined) return known;
    const attributes: Attributes = { ...this.durations.attributes };
    if (statement !== undefined) attributes[ATTR_DB_QUERY_TEXT] = statement;
    const name = HAS_NAMES_OF_0_1 ? this.kind.name : this.name;
    if (this.#budget === undefined || this.#budget.kept >= MAX_MODELS)
      return { name, options: { kind: SpanKind.CLIENT, attributes }, shape: undefined };
    this.#budget.kept++;
    const model = createSpanModel(name, SpanKind.CLIENT, attributes);
    this.#models.set(statement, model);
    return model;
  }
}
