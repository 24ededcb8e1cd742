// The summary of a statement, `db.query.summary`: its operations and what they are done to, in the
// order of the text, `INSERT shipping_details SELECT orders`. It names spans, so it has no values,
// no columns and no aliases, and a bounded length:
// https://opentelemetry.io/docs/specs/semconv/db/database-spans/#generating-a-summary-of-the-query

const MAX_LENGTH = 255;
/** Parts of statements that are nested deeper add nothing. */
const MAX_DEPTH = 32;
/** The longest word below; longer ones are names. */
const LONGEST = 12;

/** Operations that are part of others: subqueries, common table expressions. */
const INNER: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** Where these begin a statement, operations may be inside of it. */
const NESTING: ReadonlySet<string> = new Set([...INNER, 'WITH', 'EXPLAIN', 'DECLARE', 'PREPARE', 'COPY', 'CREATE', 'VALUES']);
/** After these an operation is part of a clause: `FOR UPDATE`, `DO UPDATE SET`, `ON DELETE CASCADE`, `THEN INSERT`. */
const NO_OPERATION_AFTER: ReadonlySet<string> = new Set(['FOR', 'KEY', 'DO', 'ON', 'BEFORE', 'AFTER', 'OR', 'OF', 'THEN']);
/** A name follows those that begin a statement. */
const TAKES_TARGET: ReadonlySet<string> = new Set(['CALL', 'COPY', 'EXECUTE', 'LOCK', 'REFRESH', 'TABLE', 'TRUNCATE', 'UPDATE']);
/** What a definition is of; with the name that follows. */
const DEFINES: ReadonlySet<string> = new Set(['CREATE', 'ALTER', 'DROP']);
/** Between one of the above and the name. */
const SKIPPED: ReadonlySet<string> = new Set(['ONLY', 'TABLE', 'IF', 'NOT', 'EXISTS', 'LATERAL', 'VIEW', 'MATERIALIZED', 'CONCURRENTLY']);
/** End a FROM clause. */
const AFTER_FROM: ReadonlySet<string> = new Set([
  'WHERE',
  'GROUP',
  'HAVING',
  'WINDOW',
  'ORDER',
  'LIMIT',
  'OFFSET',
  'FETCH',
  'FOR',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'RETURNING',
  'SET',
  'VALUES',
]);

/** A FROM clause is to come, is read, or neither, at one depth of parentheses. */
type Clause = 'from due' | 'from' | undefined;

export class QuerySummary {
  text = '';
  #statement = '';
  #before = '';
  #depth = 0;
  readonly #clauses: Clause[] = [];
  /** The next name is a target; `soft`: not behind a parenthesis, which is a list of columns. */
  #due: 'name' | 'soft' | undefined;
  /** The last token was part of a target: a dot continues it. */
  #inTarget = false;
  #dot = false;
  #full = false;

  /** A statement begins with this operation; empty when it is none. */
  begin(operation: string): void {
    this.#statement = operation;
    this.#depth = 0;
    this.#clauses.length = 0;
    this.#due = TAKES_TARGET.has(operation) ? 'name' : undefined;
    this.#clauses[0] = INNER.has(operation) ? 'from due' : undefined;
    this.#inTarget = false;
    this.#before = operation;
    if (operation !== '') this.#add(operation);
  }

  /** A word that does not begin a statement. */
  word(token: string): void {
    if (this.#dot) {
      this.name(token);
      return;
    }
    this.#inTarget = false;
    if (this.#statement === '' || this.#before === '.') {
      this.#before = '';
      return;
    }
    const word = token.length > LONGEST ? '' : token.toUpperCase();
    this.#keyword(token, word);
    this.#before = word;
  }

  #keyword(token: string, word: string): void {
    if (this.#isOperation(word)) {
      this.#add(word);
      this.#clauses[this.#depth] = 'from due';
      this.#due = word === 'UPDATE' ? 'name' : undefined;
    } else if (word === 'JOIN' || word === 'INTO') this.#due = 'name';
    else if (word === 'FROM') this.#from();
    else if (word === 'USING') this.#due = this.#statement === 'DELETE' || this.#statement === 'MERGE' ? 'soft' : undefined;
    else if (word === 'TABLE' && DEFINES.has(this.#statement)) {
      this.#add(word);
      this.#due = 'name';
    } else if (AFTER_FROM.has(word)) {
      if (this.#clauses[this.#depth] === 'from') this.#clauses[this.#depth] = undefined;
      this.#due = undefined;
    } else if (this.#due !== undefined && !SKIPPED.has(word)) this.name(token);
  }

  #isOperation(word: string): boolean {
    if (!INNER.has(word) || !NESTING.has(this.#statement) || this.#depth >= MAX_DEPTH) return false;
    // DECLARE … FOR SELECT is one; CREATE POLICY … FOR SELECT is none.
    return !NO_OPERATION_AFTER.has(this.#before) || (word === 'SELECT' && this.#statement !== 'CREATE');
  }

  /** Not that of `extract(epoch FROM …)`, nor of `IS DISTINCT FROM`. */
  #from(): void {
    if (this.#clauses[this.#depth] !== 'from due' || this.#before === 'DISTINCT') return;
    this.#clauses[this.#depth] = 'from';
    this.#due = 'name';
  }

  /** A name, quoted or not. */
  name(token: string): void {
    if (this.#dot) this.#append(token);
    else if (this.#due !== undefined) this.#add(token);
    else {
      this.#inTarget = false;
      return;
    }
    this.#due = undefined;
    this.#dot = false;
    this.#inTarget = true;
  }

  symbol(token: string): void {
    if (token === '.' && this.#inTarget) {
      this.#append('.');
      this.#dot = true;
      return;
    }
    this.#inTarget = false;
    this.#dot = false;
    if (token === '(') {
      if (this.#depth < MAX_DEPTH) this.#clauses[this.#depth + 1] = undefined;
      this.#depth++;
      if (this.#due === 'soft') this.#due = undefined;
    } else if (token === ')') {
      this.#depth = Math.max(0, this.#depth - 1);
      this.#due = undefined;
    } else this.#due = token === ',' && this.#clauses[this.#depth] === 'from' ? 'name' : undefined;
    this.#before = token;
  }

  /** A string, a number or a parameter. */
  value(): void {
    this.#inTarget = false;
    this.#dot = false;
    this.#due = undefined;
    this.#before = '';
  }

  #add(part: string): void {
    if (this.#full || this.text.length + part.length >= MAX_LENGTH) this.#full = true;
    else this.text += this.text === '' ? part : ` ${part}`;
  }

  #append(part: string): void {
    if (this.#full || this.text.length + part.length > MAX_LENGTH) this.#full = true;
    else this.text += part;
  }
}
