// All that is the same for each run of one text against one database: made once, then taken from a
// cache, so that a hot statement is not scanned.
import { type Attributes, SpanKind } from '@opentelemetry/api';
import { HAS_NAMES_OF_0_1 } from '../../config/renamed-names.js';
import type { BoundInstrument } from '../../sdk/metrics/bound-instrument.js';
import { ResultCache } from '../result-cache.js';
import { createSpanModel, type SpanModel } from '../span-model.js';
import {
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_STATEMENT_NAME,
  SPAN_QUERY,
  SYSTEM_POSTGRESQL,
} from './names.js';
import { MAX_SANITIZED, type Statement, scanStatement } from './statement.js';
import type { Target } from './target.js';

/** Its objects are used again: never change them. Only `wasSlow` changes. */
export interface QueryShape {
  readonly text: string;
  readonly target: Target;
  readonly statement: Statement;
  /** Name of a prepared statement. */
  readonly name: string | undefined;
  readonly span: SpanModel;
  /** Durations of runs that did not fail. */
  readonly durations: BoundInstrument;
  /** A run has been slow: later ones capture the stack of their caller. */
  wasSlow: boolean;
}

/** The value of `db.query.text`. */
export type QueryTextMode = 'sanitized' | 'raw' | 'off';

const MAX_SHAPES = 1_000;
/** Longer texts are rarely the same twice. */
const MAX_CACHED_TEXT = 4_096;

export class QueryShapes {
  readonly #mode: QueryTextMode;
  readonly #isMarked: (sanitized: string) => boolean;
  readonly #cache = new ResultCache<string, QueryShape>(MAX_SHAPES);

  /** @param isMarked whether a statement of this sanitised text has been slow */
  constructor(mode: QueryTextMode, isMarked: (sanitized: string) => boolean) {
    this.#mode = mode;
    this.#isMarked = isMarked;
  }

  /** Whether a statement of this text has been slow; false for one that is not known. */
  wasSlow(text: string): boolean {
    return this.#cache.get(text)?.wasSlow === true;
  }

  of(target: Target, text: string, name: string | undefined): QueryShape {
    const known = this.#cache.get(text);
    if (known !== undefined && known.target === target && known.name === name) return known;
    const shape = this.#create(target, text, name, known?.statement ?? scanStatement(text));
    if (text.length <= MAX_CACHED_TEXT) this.#cache.offer(text, shape);
    return shape;
  }

  #create(target: Target, text: string, name: string | undefined, statement: Statement): QueryShape {
    const { operation, summary } = statement;
    const attributes: Attributes = { ...target.attributes, [ATTR_DB_OPERATION_NAME]: operation };
    const shown = this.#mode === 'off' ? '' : this.#mode === 'raw' ? text.slice(0, MAX_SANITIZED) : statement.sanitized;
    if (summary !== '') attributes[ATTR_DB_QUERY_SUMMARY] = summary;
    if (shown !== '') attributes[ATTR_DB_QUERY_TEXT] = shown;
    if (name !== undefined) attributes[ATTR_STATEMENT_NAME] = name;
    return {
      text,
      target,
      statement,
      name,
      span: createSpanModel(
        HAS_NAMES_OF_0_1 ? nameOf0_1(name ?? operation, target) : spanName(summary, target),
        SpanKind.CLIENT,
        attributes,
      ),
      durations: target.durations.succeeded(operation),
      wasSlow: this.#isMarked(statement.sanitized),
    };
  }
}

/** https://opentelemetry.io/docs/specs/semconv/db/database-spans/#name */
function spanName(summary: string, { database }: Target): string {
  return summary || (database ?? SYSTEM_POSTGRESQL);
}

/** As upstream's instrumentation-pg. */
function nameOf0_1(what: string, { database }: Target): string {
  return `${SPAN_QUERY}:${what}${database === undefined ? '' : ` ${database}`}`;
}
