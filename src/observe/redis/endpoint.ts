// A Redis server and database, with the series and span models of the commands that it gets.
import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { durationSeries, type OperationSeries } from '../operation-series.js';
import { ResultCache } from '../result-cache.js';
import type { SpanModel } from '../span-model.js';
import type { CommandKind } from './command-kind.js';
import { CommandTarget, type Server } from './command-target.js';
import { DB_SYSTEM_REDIS } from './names.js';

/** Span models that one endpoint keeps: its commands, by the patterns of their keys. */
const MAX_MODELS = 300;

/** Where a client is connected to, or will be. */
export interface Place {
  readonly database: number;
  /** Host name, or path of a socket; undefined while nobody knows. */
  readonly address: string | undefined;
  readonly port: number | undefined;
}

export class Endpoint implements Server {
  readonly database: number;
  readonly namespace: string;
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly durations: OperationSeries;
  readonly #targets = new Map<string, CommandTarget>();
  readonly #models = new ResultCache<string, SpanModel>(MAX_MODELS);

  constructor({ database, address, port }: Place) {
    this.database = database;
    this.namespace = String(database);
    this.address = address;
    this.port = port;
    const attributes: Attributes = { [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_REDIS, [ATTR_DB_NAMESPACE]: this.namespace };
    if (address !== undefined) attributes[ATTR_SERVER_ADDRESS] = address;
    if (port !== undefined) attributes[ATTR_SERVER_PORT] = port;
    this.durations = durationSeries(attributes, ATTR_DB_OPERATION_NAME);
  }

  /** The command of that name and form here. */
  targetOf(name: string, kind: CommandKind): CommandTarget {
    let target = this.#targets.get(name);
    if (target === undefined) {
      target = new CommandTarget(this, name, kind, this.#models);
      this.#targets.set(name, target);
    }
    return target;
  }
}
