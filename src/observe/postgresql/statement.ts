// An SQL statement: its operation, its sanitised form, and whether and how a comment may be added.
// Scanned once; hot statements come from a cache.

import { OTHER } from '../../sdk/metrics/overflow.js';
import { ResultCache } from '../result-cache.js';
import { QuerySummary } from './query-summary.js';
import { SqlScanner, type TokenKind } from './sql-scanner.js';

export interface Statement {
  /** First keyword, e.g. `SELECT`; `_OTHER` when it is none of PostgreSQL's. */
  readonly operation: string;
  /** Operations and their targets, `SELECT orders`; empty where none is known. */
  readonly summary: string;
  /**
   * Literals replaced by `?`, comments dropped, white space single, at most `MAX_SANITIZED`
   * characters.
   */
  readonly sanitized: string;
  /**
   * A comment may be added: only SELECT, INSERT, UPDATE, DELETE, MERGE, WITH, VALUES and TABLE, and
   * the end of the text is known to be open.
   */
  readonly commentable: boolean;
  /** The text between the statement and a trailing comment. */
  readonly joint: ' ' | '\n';
  /** Statements in the text. */
  readonly count: number;
  /** What it does to the transaction of its connection, if it is one statement. */
  readonly transaction: 'begins' | 'ends' | undefined;
  /** The highest `$n` in it. */
  readonly parameters: number;
}

/** Longest sanitised text; what is longer ends in `…`. */
export const MAX_SANITIZED = 2_000;
/**
 * Longer texts are not scanned to their end: they get no comment. Bounds the time a huge INSERT
 * costs.
 */
const MAX_SCANNED = 100_000;
/** Longer texts are rarely the same twice. */
const MAX_CACHED_TEXT = 4_096;

/**
 * Statements that pg_stat_statements groups by their parse tree. Utility statements are grouped by
 * their text up to PostgreSQL 15: a comment that differs each time would fill its table with BEGIN
 * and COMMIT.
 */
const COMMENTABLE = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'VALUES', 'TABLE']);

/** The commands of PostgreSQL 18, which bounds the values of `db.operation.name`. */
const OPERATIONS = new Set(
  `ABORT ALTER ANALYZE ANALYSE BEGIN CALL CHECKPOINT CLOSE CLUSTER COMMENT COMMIT COPY CREATE DEALLOCATE DECLARE DELETE DISCARD DO DROP END EXECUTE
   EXPLAIN FETCH GRANT IMPORT INSERT LISTEN LOAD LOCK MERGE MOVE NOTIFY PREPARE REASSIGN REFRESH REINDEX RELEASE RESET REVOKE ROLLBACK SAVEPOINT
   SECURITY SELECT SET SHOW START TABLE TRUNCATE UNLISTEN UPDATE VACUUM VALUES WITH`.split(/\s+/),
);
/** Statements that end a transaction. */
const ENDING = new Set(['COMMIT', 'END', 'ROLLBACK', 'ABORT']);
export const OTHER_OPERATION = OTHER;

const cache = new ResultCache<string, Statement>(1_000);

export function readStatement(text: string): Statement {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const statement = scanStatement(text);
  if (text.length <= MAX_CACHED_TEXT) cache.offer(text, statement);
  return statement;
}

/** As `readStatement`, without the cache. */
export function scanStatement(text: string): Statement {
  const scan = new StatementScan(text);
  scan.run();
  return {
    operation: scan.operation ?? OTHER_OPERATION,
    summary: scan.summary.text,
    sanitized: scan.sanitized,
    commentable: scan.complete && scan.commentable && scan.count > 0 && !text.includes('\0'),
    joint: text.lastIndexOf('--') > text.lastIndexOf('\n') ? '\n' : ' ',
    count: scan.count,
    transaction: scan.count === 1 ? transactionOf(scan.operation, scan.sanitized) : undefined,
    parameters: scan.parameters,
  };
}

function transactionOf(operation: string | undefined, text: string): Statement['transaction'] {
  if (operation === 'BEGIN' || operation === 'START') return 'begins';
  if (operation === undefined || !ENDING.has(operation)) return undefined;
  // ROLLBACK TO SAVEPOINT, COMMIT AND CHAIN: the transaction goes on, or another one begins.
  return / (?:TO|AND CHAIN)\b/i.test(text) ? undefined : 'ends';
}

class StatementScan {
  operation: string | undefined;
  sanitized = '';
  readonly summary = new QuerySummary();
  commentable = true;
  complete = false;
  count = 0;
  parameters = 0;
  readonly #scanner: SqlScanner;
  readonly #whole: boolean;
  /** The next word is the first of its statement. */
  #atStart = true;
  /** The output ends in `?`. */
  #afterLiteral = false;
  /**
   * A comma that came after a literal and is written when no literal follows: `?, ?, ?` becomes
   * `?`.
   */
  #commaHeld = false;
  #spaceDue = false;
  #full = false;

  constructor(text: string) {
    this.#whole = text.length <= MAX_SCANNED;
    this.#scanner = new SqlScanner(this.#whole ? text : text.slice(0, MAX_SCANNED));
  }

  run(): void {
    const scanner = this.#scanner;
    for (;;) {
      const kind = scanner.next();
      if (kind === 'end') {
        this.complete = this.#whole;
        return;
      }
      if (kind === 'space' || kind === 'line-comment' || kind === 'block-comment') this.#spaceDue = true;
      else if (kind === 'string' || kind === 'number') this.#literal();
      else if (kind === 'semicolon') this.#semicolon();
      else this.#plain(kind);
      if (scanner.unterminated || scanner.ambiguous) return;
    }
  }

  #plain(kind: TokenKind): void {
    const { text, start, end } = this.#scanner;
    const token = text.slice(start, end);
    if (kind === 'parameter') this.parameters = Math.max(this.parameters, Number(token.slice(1)));
    const shown = kind === 'quoted-name' ? shownName(token) : token;
    if (this.#atStart && token !== '(') this.#firstWord(kind === 'word' ? token.toUpperCase() : '');
    else this.#summarize(kind, shown);
    if (token === ',' && this.#afterLiteral && !this.#commaHeld) this.#commaHeld = true;
    else this.#append(shown);
  }

  #summarize(kind: TokenKind, shown: string): void {
    if (kind === 'word') this.summary.word(shown);
    else if (kind === 'quoted-name') this.summary.name(shown);
    else if (kind === 'parameter') this.summary.value();
    else this.summary.symbol(shown);
  }

  #firstWord(word: string): void {
    this.#atStart = false;
    this.count++;
    const isKnown = OPERATIONS.has(word);
    this.operation ??= isKnown ? word : OTHER_OPERATION;
    this.summary.begin(isKnown ? word : '');
    if (!COMMENTABLE.has(word)) this.commentable = false;
  }

  #literal(): void {
    if (this.#atStart) this.#firstWord('');
    this.summary.value();
    if (this.#commaHeld) {
      this.#commaHeld = false;
      this.#spaceDue = false;
      return;
    }
    this.#append('?');
    this.#afterLiteral = true;
  }

  #semicolon(): void {
    this.#atStart = true;
    this.#append(';');
  }

  #append(token: string): void {
    this.#afterLiteral = false;
    if (this.#full) return;
    const piece = `${this.#commaHeld ? ',' : ''}${this.#spaceDue && this.sanitized !== '' ? ' ' : ''}${token}`;
    this.#commaHeld = false;
    this.#spaceDue = false;
    this.#full = this.sanitized.length + piece.length > MAX_SANITIZED;
    this.sanitized += this.#full ? '…' : piece;
  }
}

/**
 * A quoted name, unless it looks like data: in other databases double quotes are strings, and a
 * card number ends up in them by mistake.
 */
function shownName(token: string): string {
  return token.length <= 66 && /^"[\p{L}\w $.:-]+"$/u.test(token) && !/\d{6}/.test(token) ? token : '"?"';
}
