// Splits SQL text into tokens by PostgreSQL's lexical rules (src/backend/parser/scan.l), in one
// pass and without allocating. What it must get right is where strings, quoted names and comments
// begin and end; all else is words, numbers and single characters.

export type TokenKind =
  | 'word'
  | 'quoted-name'
  | 'string'
  | 'number'
  | 'parameter'
  | 'line-comment'
  | 'block-comment'
  | 'space'
  | 'semicolon'
  | 'symbol'
  | 'end';

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const AMPERSAND = 38;
const STAR = 42;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const SEMICOLON = 59;
const BACKSLASH = 92;

/**
 * Reads tokens one after the other: after `next()`, `start` and `end` say where in the text the
 * token is.
 */
export class SqlScanner {
  readonly text: string;
  start = 0;
  end = 0;
  /** The text ended inside a string, a quoted name or a block comment. */
  unterminated = false;
  /**
   * A plain string holds a backslash before a quote: with `standard_conforming_strings = off` it
   * ends elsewhere than here, and what follows may be part of it.
   */
  ambiguous = false;

  constructor(text: string) {
    this.text = text;
  }

  next(): TokenKind {
    const { text } = this;
    this.start = this.end;
    if (this.start >= text.length) return 'end';
    const code = text.charCodeAt(this.start);
    if (isSpace(code)) return this.#space();
    if (isWordStart(code)) return this.#word(code);
    const following = text.charCodeAt(this.start + 1);
    if (code === QUOTE) return this.#string(this.start + 1, false);
    if (code === DOUBLE_QUOTE) return this.#quotedName(this.start + 1);
    if (isDigit(code) || (code === DOT && isDigit(following))) return this.#number();
    if (code === MINUS && following === MINUS) return this.#lineComment();
    if (code === SLASH && following === STAR) return this.#blockComment();
    if (code === DOLLAR) return this.#dollar(following);
    this.end = this.start + 1;
    return code === SEMICOLON ? 'semicolon' : 'symbol';
  }

  #space(): TokenKind {
    let at = this.start + 1;
    while (isSpace(this.text.charCodeAt(at))) at++;
    this.end = at;
    return 'space';
  }

  #word(code: number): TokenKind {
    const { text } = this;
    const following = text.charCodeAt(this.start + 1);
    // b'…', e'…', n'…', x'…' in either case; u&'…' and u&"…".
    if (following === QUOTE && isStringPrefix(code)) return this.#string(this.start + 2, code === 69 || code === 101);
    if (following === AMPERSAND && (code === 85 || code === 117)) {
      const third = text.charCodeAt(this.start + 2);
      if (third === QUOTE) return this.#string(this.start + 3, false);
      if (third === DOUBLE_QUOTE) return this.#quotedName(this.start + 3);
    }
    let at = this.start + 1;
    while (isWordPart(text.charCodeAt(at))) at++;
    this.end = at;
    return 'word';
  }

  /**
   * From after the opening quote. `escapes`: E'…', where a backslash escapes the next character.
   */
  #string(from: number, escapes: boolean): TokenKind {
    const { text } = this;
    let at = from;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) {
        if (escapes) at++;
        else if (text.charCodeAt(at + 1) === QUOTE) this.ambiguous = true;
      } else if (code === QUOTE) {
        if (text.charCodeAt(at + 1) === QUOTE) at++;
        else {
          const next = this.#continuation(at + 1);
          if (next === undefined) {
            this.end = at + 1;
            return 'string';
          }
          at = next;
          continue;
        }
      }
      at++;
    }
    return this.#cutOff('string');
  }

  /**
   * Strings with nothing but white space and a line break between them are one string: the position
   * after the second's opening quote.
   */
  #continuation(from: number): number | undefined {
    const { text } = this;
    let broken = false;
    let at = from;
    for (;;) {
      const code = text.charCodeAt(at);
      if (isSpace(code)) {
        broken ||= code === NEWLINE || code === RETURN;
        at++;
      } else if (code === MINUS && text.charCodeAt(at + 1) === MINUS) {
        at = lineEnd(text, at + 2);
      } else {
        return broken && code === QUOTE ? at + 1 : undefined;
      }
    }
  }

  #quotedName(from: number): TokenKind {
    const { text } = this;
    for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
      if (text.charCodeAt(at + 1) === DOUBLE_QUOTE) continue;
      this.end = at + 1;
      return 'quoted-name';
    }
    return this.#cutOff('quoted-name');
  }

  /**
   * More than PostgreSQL takes as one number: letters that stick to it are taken too, so that no
   * part of it is left over.
   */
  #number(): TokenKind {
    const { text } = this;
    let at = this.start + 1;
    for (;;) {
      const code = text.charCodeAt(at);
      const isExponent = (code === PLUS || code === MINUS) && (text.charCodeAt(at - 1) | 32) === 101 && isDigit(text.charCodeAt(at + 1));
      const isPoint = code === DOT && text.charCodeAt(at + 1) !== DOT;
      if (!isExponent && !isPoint && !(isWordPart(code) && code !== DOLLAR)) break;
      at++;
    }
    this.end = at;
    return 'number';
  }

  #lineComment(): TokenKind {
    this.end = lineEnd(this.text, this.start + 2);
    return 'line-comment';
  }

  /** Block comments nest. */
  #blockComment(): TokenKind {
    const { text } = this;
    let depth = 1;
    for (let at = this.start + 2; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const following = text.charCodeAt(at + 1);
      if (code === SLASH && following === STAR) {
        depth++;
        at++;
      } else if (code === STAR && following === SLASH) {
        depth--;
        at++;
        if (depth === 0) {
          this.end = at + 1;
          return 'block-comment';
        }
      }
    }
    return this.#cutOff('block-comment');
  }

  /** `$1`, `$$…$$`, `$tag$…$tag$` or a lone dollar. */
  #dollar(following: number): TokenKind {
    const { text } = this;
    let at = this.start + 1;
    if (isDigit(following)) {
      while (isDigit(text.charCodeAt(at))) at++;
      this.end = at;
      return 'parameter';
    }
    if (isWordStart(following)) while (isWordPart(text.charCodeAt(at)) && text.charCodeAt(at) !== DOLLAR) at++;
    if (text.charCodeAt(at) !== DOLLAR) {
      this.end = this.start + 1;
      return 'symbol';
    }
    const tag = text.slice(this.start, at + 1);
    const close = text.indexOf(tag, at + 1);
    if (close === -1) return this.#cutOff('string');
    this.end = close + tag.length;
    return 'string';
  }

  #cutOff(kind: TokenKind): TokenKind {
    this.unterminated = true;
    this.end = this.text.length;
    return kind;
  }
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== NEWLINE && text.charCodeAt(at) !== RETURN) at++;
  return at;
}

/** Space, tab, newline, vertical tab, form feed, return; NaN past the end is none of them. */
function isSpace(code: number): boolean {
  return code === SPACE || (code >= TAB && code <= RETURN);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Letters, underscore and all that is not ASCII. */
function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || isDigit(code) || code === DOLLAR;
}

function isStringPrefix(code: number): boolean {
  const lower = code | 32;
  return lower === 98 || lower === 101 || lower === 110 || lower === 120;
}
