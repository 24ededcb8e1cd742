// What we make of SQL texts, held against a real server: for any combination of lexical pieces, a text means the same with our comment as without,
// and what is shown of it holds nothing of its literals. Also where strings are lexed otherwise (standard_conforming_strings = off).
import { ROOT_CONTEXT, TraceFlags } from '@opentelemetry/api';
import fc from 'fast-check';
import { Client, DatabaseError, type QueryArrayResult } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restorePosition } from '../../../src/observe/postgresql/error-position.js';
import { Commenter, type CommentOptions } from '../../../src/observe/postgresql/sql-comment.js';
import { scanStatement } from '../../../src/observe/postgresql/statement.js';
import { type Postgres, startPostgres } from '../../support/postgres.ts';
import { findEachPostgres } from '../../support/postgres-binaries.ts';
import { postgresUrl } from '../../support/servers.ts';

const CANARY = 'c4n4ry';
const RUNS = { numRuns: 400 };
const commenters = (['trailing', 'leading'] as const).map((position) => ({
  position,
  commenter: new Commenter({ mode: 'traceparent', position, application: "it's */ -- $$" } satisfies CommentOptions),
}));
const spanContext = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: TraceFlags.SAMPLED };

/** What stands inside literals and comments: all that could be taken for something else. */
const inside = fc
  .array(fc.constantFrom(CANARY, '--', '/*', '*/', '$$', '$a$', '"', ';', ' ', '\n', 'E', 'x', '1', '\u00e9', '\u{1F600}'), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

const literal = fc.oneof(
  inside.map((text) => `'${text.replaceAll("'", "''")}'`),
  inside.map((text) => `'${text}''${text}'`),
  inside.map((text) => `E'${text}\\'\\\\${text}'`),
  inside.map((text) => `e'${text}'\n'${text}\\''`),
  inside.map((text) => `N'${text}'`),
  inside.map((text) => `U&'${text}'`),
  inside.map((text) => `'${text}'\n  '${text}'`),
  inside.map((text) => `$q$${text}$q$`),
  inside.map((text) => `$q1_é$${text}$$$q1_é$`),
  fc.nat().map((n) => `${n}::text`),
  fc.constantFrom("B'101'::text", "X'1F'::text", '1.5e-3::text', '.5::text', "('1' || 2)::text", 'NULL::text'),
);
const gap = fc.oneof(
  fc.constantFrom(' ', '\n', '\t ', ' \r\n'),
  inside.map((text) => ` /*${balanced(text)}*/ `),
  inside.map((text) => ` /* /*${balanced(text)}*/ */ `),
  inside.map((text) => ` --${text.replaceAll('\n', ' ')}\n`),
);
const end = fc.oneof(
  gap,
  fc.constantFrom('', ';', ' ; ', ' -- the end', ";-- it's the end"),
  inside.map((text) => ` --${text.replaceAll('\n', ' ')}`),
);
const alias = fc.constantFrom('a', '"a""b"', '"--"', '"/*"', '"$$"', 'U&"d!0061" UESCAPE \'!\'');
const statement = fc
  .tuple(gap, fc.array(fc.tuple(literal, gap, alias), { minLength: 1, maxLength: 4 }), gap, end)
  .map(
    ([first, columns, last, finish]) =>
      `${first}SELECT${columns.map(([value, space, as]) => ` ${value}${space}AS ${as}`).join(',')}${last}${finish}`,
  );

/** Nothing that would open or close a comment. */
function balanced(text: string): string {
  return text.replaceAll('/*', '').replaceAll('*/', '').replaceAll('*', '').replaceAll('/', '');
}

/** Pieces that make no sense together: mostly an error, which must be the same error. */
const soup = fc
  .array(
    fc.constantFrom(
      "'",
      "''",
      '"',
      '$$',
      '$a$',
      "E'",
      "\\'",
      '\\\\',
      '--',
      '/*',
      '*/',
      '\n',
      '\r',
      ' ',
      ';',
      ',',
      '(',
      ')',
      '1',
      '1e',
      '1.',
      '.',
      '$1',
      '$',
      'a',
      'U&',
      'SELECT',
      'FROM',
      '+',
      '-',
      '/',
      '*',
      "'x'",
      '\u{1F600}',
    ),
    { maxLength: 12 },
  )
  .map((parts) => `SELECT ${parts.join('')}`);

type Outcome = { rows: unknown[]; names: string[] }[] | { error: unknown[] };

async function outcome(client: Client, text: string, original = text, prefixLength = 0): Promise<Outcome> {
  try {
    return inArray(await client.query({ text, rowMode: 'array' })).map(({ rows, fields }) => ({
      rows,
      names: fields.map(({ name }) => name),
    }));
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    restorePosition(error, original, prefixLength);
    return { error: [error.code, error.message, error.position] };
  }
}

/** Several statements in one text give an array, which pg's types do not know. */
function inArray(results: QueryArrayResult | QueryArrayResult[]): QueryArrayResult[] {
  return Array.isArray(results) ? results : [results];
}

async function expectSameMeaning(client: Client, text: string): Promise<void> {
  const facts = scanStatement(text);
  const plain = await outcome(client, text);
  for (const { position, commenter } of commenters) {
    const commented = commenter.comment(text, facts, spanContext, ROOT_CONTEXT);
    expect(commented !== text).toBe(facts.commentable);
    const prefixLength = position === 'leading' ? commented.length - text.length : 0;
    expect(await outcome(client, commented, text, prefixLength), commented).toEqual(plain);
  }
}

/** The server of the run, and any other there is on this machine: their lexers differ. */
const servers = [
  { name: 'the server of the run', binaries: undefined },
  ...findEachPostgres()
    .slice(1)
    .map((binaries) => ({ name: binaries.name, binaries })),
];

describe.each(servers.flatMap((server) => ['on', 'off'].map((conforming) => ({ ...server, conforming }))))(
  '$name, with standard_conforming_strings = $conforming',
  ({ binaries, conforming }) => {
    let postgres: Postgres | undefined;
    let client: Client;
    beforeAll(async () => {
      if (binaries !== undefined) postgres = await startPostgres({ binaries });
      client = new Client({ connectionString: postgres === undefined ? postgresUrl() : await postgres.createDatabase() });
      await client.connect();
      await client.query(
        `SET standard_conforming_strings = ${conforming}; SET escape_string_warning = off; SET client_min_messages = error`,
      );
    });
    afterAll(async () => {
      await client?.end();
      await postgres?.stop();
    });

    test('a statement gives the same rows with our comment, and nothing of its literals is shown', async () => {
      await fc.assert(
        fc.asyncProperty(statement, async (text) => {
          await expectSameMeaning(client, text);
          expect(scanStatement(text).sanitized).not.toContain(CANARY);
        }),
        RUNS,
      );
    });

    test('what is no statement gives the same error, at the same position', async () => {
      await fc.assert(
        fc.asyncProperty(soup, (text) => expectSameMeaning(client, text)),
        { ...RUNS, numRuns: 600 },
      );
    });
  },
);

test('the statements that are made up here are valid, and most of them are commented', async () => {
  const client = new Client({ connectionString: postgresUrl() });
  await client.connect();
  let commented = 0;
  const texts = fc.sample(statement, 200);
  for (const text of texts) {
    expect(await outcome(client, text), text).not.toHaveProperty('error');
    if (scanStatement(text).commentable) commented++;
  }
  await client.end();
  expect(commented).toBeGreaterThan(190);
});

test('with standard_conforming_strings = off, a string goes on after an escaped quote', async () => {
  await fc.assert(
    fc.asyncProperty(inside, inside, async (one, two) => {
      const text = `SELECT 'a${one.replaceAll("'", '')}\\'${CANARY}${two.replaceAll("'", '')}' AS a`;
      expect(scanStatement(text).sanitized).not.toContain(CANARY);
    }),
  );
});
