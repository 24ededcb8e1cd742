// postgres.js without what is patched: one line, and the app goes on.
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { postgresJsProject } from '../../support/postgres-js.ts';

test.each([
  ['cjs/src/query.js', 'delete Query.prototype.handle;', 'Query.handle'],
  ['cjs/src/index.js', 'module.exports = Object.assign(() => ({}), Postgres);', 'sql.unsafe'],
  ['cjs/src/index.js', 'module.exports = { Postgres };', 'postgres()'],
  ['cjs/src/index.js', "module.exports = () => { throw new Error('secret'); };", 'sql.unsafe'],
])('%s with %s', { timeout: INSTALLING_MS }, async (file, change, missing) => {
  const folder = await postgresJsProject('3.4.9');
  try {
    appendFileSync(join(folder, 'node_modules/postgres', file), `\n${change}\n`);
    writeFileSync(join(folder, 'app.cjs'), "require('postgres'); console.log('done');");
    const { code, stdout, stderr } = await runApp(join(folder, 'app.cjs'), { cwd: folder }).waitForExit();
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
    const lines = stderr.split('\n').filter((line) => line.startsWith('[sietch-otel] warn'));
    expect(lines).toEqual([expect.stringContaining(`postgres 3.4.9 has no ${missing}: what needs it is not observed`)]);
    expect(lines[0]).toContain('SIETCH042');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
