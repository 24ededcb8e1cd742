import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PgSideConnector } from '../../../src/integrations/pg/side-connector.ts';
import { SideConnections } from '../../../src/observe/postgresql/side-connections.ts';
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

function connections(): SideConnections<pg.Client> {
  const connector = new PgSideConnector();
  connector.use(pg.Client);
  return new SideConnections(connector);
}

test('a question waits for the one that is being asked, and one more is refused', async () => {
  const sides = connections();
  const answers: unknown[] = [];
  const ask = (name: string, text: string) =>
    sides
      .ask(client, (side) => side.query({ text }))
      .then(
        (rows) => answers.push([name, rows]),
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
  const sides = connections();
  const failing = sides.ask(client, (side) => side.query({ text: 'SELECT 1 / 0' }));
  const next = sides.ask(client, (side) => side.query({ text: 'SELECT 2 AS two' }));
  await Promise.all([expect(failing).rejects.toThrow('division by zero'), expect(next).resolves.toEqual([{ two: 2 }])]);
  await sides.close();
});
