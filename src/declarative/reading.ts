// One reading of a configuration file: where its nodes are, what was not understood, and a budget,
// so that no file makes work without end.
import { type Document, isAlias, isScalar, type LineCounter, type Node } from 'yaml';
import type { Environment } from '../config/read.js';
import { ConfigurationError, type Place } from './file-configuration.js';
import { plainValue, substitute } from './substitution.js';

/** Lines about one file; the rest is counted. */
const MAX_REPORTS = 20;
/** Values that are read. Aliases can make few lines of YAML very many. */
const MAX_VALUES = 10_000;

/** A scalar after substitution. */
export interface ScalarValue {
  readonly value: unknown;
  readonly text: string;
  /** As it stands in the file, before substitution: it may be shown. */
  readonly written: string;
}

export class Reading {
  readonly references = new Set<string>();
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #env: Environment;
  readonly #reports: (Place & { readonly what: string })[] = [];
  #unreported = 0;
  #values = 0;

  constructor(document: Document, lines: LineCounter, env: Environment) {
    this.#document = document;
    this.#lines = lines;
    this.#env = env;
  }

  /** The node behind an alias. @throws {ConfigurationError} past the budget */
  resolve(node: unknown): unknown {
    this.#values++;
    if (this.#values > MAX_VALUES) throw new ConfigurationError(`it holds more than ${MAX_VALUES} values, aliases followed`);
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  placeOf(node: Node | undefined | null, path: string): Place {
    const { line, col } = this.#lines.linePos(node?.range?.[0] ?? 0);
    return { path, line, column: col };
  }

  /** Undefined for what is no scalar. @throws {ConfigurationError} for a wrong reference */
  scalarOf(node: unknown, place: Place): ScalarValue | undefined {
    if (!isScalar(node)) return undefined;
    const { value, source, type } = node;
    const written = typeof value === 'string' ? value : (source ?? String(value ?? ''));
    const text = this.#substitute(written, place);
    if (text === written || type !== 'PLAIN') return { value: typeof value === 'string' ? text : value, text, written };
    return { value: plainValue(text), text, written };
  }

  report(place: Place, what: string): void {
    if (this.#reports.length < MAX_REPORTS) this.#reports.push({ ...place, what });
    else this.#unreported++;
  }

  /** By their places. */
  reports(): string[] {
    const sorted = this.#reports.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const lines = sorted.map(({ line, column, path, what }) => `${line}:${column} ${path}: ${what}`);
    return this.#unreported === 0 ? lines : [...lines, `${this.#unreported} more like these`];
  }

  #substitute(text: string, { line, column, path }: Place): string {
    try {
      return substitute(text, this.#env, this.references);
    } catch (error) {
      throw error instanceof ConfigurationError ? new ConfigurationError(`${line}:${column} ${path}: ${error.message}`) : error;
    }
  }
}
