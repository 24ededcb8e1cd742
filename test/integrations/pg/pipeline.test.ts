// pg's pipeline mode: queries are sent before those before them have been answered.
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { spanNamed, startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

test('each query of a pipeline is a span below its caller, and the app sees what it sees without us', async () => {
  const bare = await runApp('test/app/pg-pipeline.js', { args: [await freshDatabase()], preload: 'none' }).waitForExit(60_000);
  expect(bare).toMatchObject({ code: 0, stdout: expect.stringMatching(/^rows \[1,2,3\]/m) });
  const receiver = await startReceiver();
  const observed = await runApp('test/app/pg-pipeline.js', { args: [await freshDatabase()], receiver }).waitForExit(60_000);
  const { spans } = receiver.store;
  await receiver.close();
  expect(observed.stdout).toBe(bare.stdout);
  // caller
  //   SELECT generate_series   3 rows
  //   SELECT 1                 1 row
  //   SELECT $1                1 row
  //   insert                   1 affected
  //   insert                   23505
  //   SELEC                    42601
  //   SELECT count             1 row
  const caller = spanNamed(spans, 'caller');
  const seen = spans
    .filter(({ parentSpanId }) => parentSpanId === caller.spanId)
    .map(
      ({ attributes: of }) =>
        `${of['db.query.text']}: ${of['error.type'] ?? of['db.response.returned_rows'] ?? of['sietch.pg.affected_rows']}`,
    );
  expect(seen.sort()).toEqual([
    'INSERT INTO notes VALUES ($1, $2): 1',
    'INSERT INTO notes VALUES ($1, $2): 23505',
    'SELEC: 42601',
    'SELECT $1::int AS b: 1',
    'SELECT ? AS a: 1',
    'SELECT count(*)::int AS c FROM notes: 1',
    'SELECT generate_series(?) AS n: 3',
  ]);
});
