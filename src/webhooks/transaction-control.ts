// Finds statements that end or begin a transaction, before they are sent.
import { SqlScanner } from '../observe/postgresql/sql-scanner.js';

/** Most statements have none of these words. */
const SUSPECT = /\b(?:begin|start|commit|end|rollback|abort|prepare)\b/i;
const ENDS_OR_BEGINS: ReadonlySet<string> = new Set(['BEGIN', 'COMMIT', 'END', 'ABORT']);
const NOISE: ReadonlySet<string> = new Set(['WORK', 'TRANSACTION']);
/** `ROLLBACK TRANSACTION TO`. */
const MAX_WORDS = 3;

/** The first word of such a statement; undefined where there is none. Savepoints are none. */
export function findTransactionControl(sql: string): string | undefined {
  if (!SUSPECT.test(sql)) return undefined;
  const scanner = new SqlScanner(sql);
  let words: string[] = [];
  for (;;) {
    const kind = scanner.next();
    if (kind === 'end' || kind === 'semicolon') {
      if (isControl(words)) return words[0];
      if (kind === 'end') return undefined;
      words = [];
    } else if (words.length < MAX_WORDS && kind !== 'space' && kind !== 'line-comment' && kind !== 'block-comment') {
      words.push(sql.slice(scanner.start, scanner.end).toUpperCase());
    }
  }
}

function isControl([first = '', second = '', third = '']: readonly string[]): boolean {
  if (first === 'ROLLBACK') return (NOISE.has(second) ? third : second) !== 'TO';
  return ENDS_OR_BEGINS.has(first) || ((first === 'START' || first === 'PREPARE') && second === 'TRANSACTION');
}
