// A query object of pg, with the run that observes it.
import type { QueryRun } from '../../observe/postgresql/query-run.js';
import type { PgClient, PgQuery } from './pg-internals.js';

/** A query while it runs; its client is undefined when none ever had it. */
export type PgRun = QueryRun<PgClient>;

/** The property by which a query object keeps the run that observes it. */
export const RUN: unique symbol = Symbol('sietch-otel.run');

export interface ObservedQuery extends PgQuery {
  [RUN]?: PgRun | undefined;
}
