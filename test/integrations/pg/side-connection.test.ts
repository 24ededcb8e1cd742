import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowsOf, SideConnections } from '../../../src/integrations/pg/side-connection.ts';
import { type Postgres, startPostgres } from '../../support/postgres.ts';

let postgres: Postgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  client = new pg.Client({ connectionString: await postgres.createDatabase() });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

test('a question waits for the one that is being asked, and one more is refused', async () => {
  const sides = new SideConnections();
  sides.use(pg.Client);
  const answers: unknown[] = [];
  const ask = (name: string, text: string) =>
    sides
      .ask(client, (side) => side.query({ text }))
      .then(
        (result) => answers.push([name, rowsOf(result)]),
        (error: Error) => answers.push([name, error.message]),
      );
  const first = ask('first', 'SELECT 1 AS one, pg_sleep(0.1) IS NULL AS slept');
  expect([sides.busy, sides.full]).toEqual([true, false]);
  const second = ask('second', 'SELECT 2 AS two');
  expect(sides.full).toBe(true);
  await Promise.all([first, second, ask('third', 'SELECT 3 AS three')]);
  expect(answers).toEqual([
    ['third', 'full'],
    ['first', [{ one: 1, slept: false }]],
    ['second', [{ two: 2 }]],
  ]);
  expect(sides.busy).toBe(false);
  await sides.close();
});

test('a question that fails does not hold up the next', async () => {
  const sides = new SideConnections();
  sides.use(pg.Client);
  const failing = sides.ask(client, (side) => side.query({ text: 'SELECT 1 / 0' }));
  const next = sides.ask(client, (side) => side.query({ text: 'SELECT 2 AS two' }));
  await expect(failing).rejects.toThrow('division by zero');
  expect(rowsOf(await next)).toEqual([{ two: 2 }]);
  await sides.close();
});
