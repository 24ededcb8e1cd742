import { expect, test } from 'vitest';
import { SqlScanner } from '../../../src/observe/postgresql/sql-scanner.js';

/** `kind:text` of each token but white space. */
function tokens(text: string): string[] {
  const scanner = new SqlScanner(text);
  const found: string[] = [];
  for (let kind = scanner.next(); kind !== 'end'; kind = scanner.next()) {
    if (kind !== 'space') found.push(`${kind}:${text.slice(scanner.start, scanner.end)}`);
  }
  if (scanner.unterminated) found.push('unterminated');
  if (scanner.ambiguous) found.push('ambiguous');
  return found;
}

test.each<[string, string, string[]]>([
  ['words', 'select a_1, tête$x', ['word:select', 'word:a_1', 'symbol:,', 'word:tête$x']],
  ['a string', "'it''s -- /* $$'", ["string:'it''s -- /* $$'"]],
  ['a plain string does not escape', String.raw`'a\'`, [String.raw`string:'a\'`, 'ambiguous']],
  ['an E string escapes', String.raw`E'a\'b' x`, [String.raw`string:E'a\'b'`, 'word:x']],
  ['an E string that ends in an escaped backslash', String.raw`e'a\\' x`, [String.raw`string:e'a\\'`, 'word:x']],
  ['other prefixes', "b'01' X'1F' n'a' U&'d!0061'", ["string:b'01'", "string:X'1F'", "string:n'a'", "string:U&'d!0061'"]],
  ['a name that ends in a prefix letter', "code'x'", ['word:code', "string:'x'"]],
  ['a string that goes on in the next line', "'a'\n  -- why\n'b' 'c'", ["string:'a'\n  -- why\n'b'", "string:'c'"]],
  ['an E string that goes on in the next line', "E'a'\n'\\'b'", ["string:E'a'\n'\\'b'"]],
  ['strings beside each other', "'a' 'b'", ["string:'a'", "string:'b'"]],
  ['quoted names', '"a""b" U&"d" ""', ['quoted-name:"a""b"', 'quoted-name:U&"d"', 'quoted-name:""']],
  ['dollar quotes', '$$a$b$$ $t$ $$ $t$', ['string:$$a$b$$', 'string:$t$ $$ $t$']],
  ['a tag of another case is another tag', '$t$ $T$ $t$', ['string:$t$ $T$ $t$']],
  ['parameters', '$1,$22', ['parameter:$1', 'symbol:,', 'parameter:$22']],
  ['a parameter before a dollar quote', '$1$$x$$', ['parameter:$1', 'string:$$x$$']],
  ['a dollar in a name opens nothing', 'a$$b', ['word:a$$b']],
  ['a lone dollar', '$ x $y z', ['symbol:$', 'word:x', 'symbol:$', 'word:y', 'word:z']],
  ['numbers', '1 1.5 .5 1e-3 0x1F 1_000', ['number:1', 'number:1.5', 'number:.5', 'number:1e-3', 'number:0x1F', 'number:1_000']],
  ['a range', '1..10', ['number:1', 'symbol:.', 'number:.10']],
  ['what sticks to a number is of it', '4111abc 5', ['number:4111abc', 'number:5']],
  ['minus', '1-2', ['number:1', 'symbol:-', 'number:2']],
  ['line comments', "-- it's\nx", ["line-comment:-- it's", 'word:x']],
  ['a line comment ends at a return too', '--a\rx', ['line-comment:--a', 'word:x']],
  ['a line comment inside an operator', '1 +--2', ['number:1', 'symbol:+', 'line-comment:--2']],
  ['nested comments', "/* a /* ' */ b */ x", ["block-comment:/* a /* ' */ b */", 'word:x']],
  ['a comment inside an operator', '*/*a*/', ['symbol:*', 'block-comment:/*a*/']],
  ['what ends inside a string', "x 'abc", ['word:x', "string:'abc", 'unterminated']],
  ['what ends inside a name', 'x "abc', ['word:x', 'quoted-name:"abc', 'unterminated']],
  ['what ends inside a dollar quote', 'x $a$ $b$', ['word:x', 'string:$a$ $b$', 'unterminated']],
  ['what ends inside a comment', '/* /* */', ['block-comment:/* /* */', 'unterminated']],
  ['what ends in half a comment', '/*/', ['block-comment:/*/', 'unterminated']],
  ['nothing', '', []],
])('%s', (_, text, expected) => {
  expect(tokens(text)).toEqual(expected);
});
