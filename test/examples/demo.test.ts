// npm run demo in a pipe: it ends by itself, draws without box characters, names the same things each time, and says what to do next.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../support/checkout.ts';

const run = promisify(execFile);
/** Box drawing, blocks and dingbats. */
const NOT_PLAIN = /[\u2500-\u259f\u2700-\u27bf]/;

test('in a pipe: plain text with stable names, and the next steps at its end', { timeout: 120_000 }, async () => {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'examples/webhook-service/demo.ts'], {
    cwd: ROOT,
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    maxBuffer: 8 * 1024 * 1024,
  });
  expect(stdout).not.toMatch(NOT_PLAIN);
  expect(stdout).not.toContain('\x1b');
  expect(stdout).toContain(' db=shop ');
  expect(stdout).toContain('"event":"evt_11"');
  const next = stdout.slice(stdout.lastIndexOf('-- next'));
  const commands = [
    'npm install @sietch/otel',
    'npx sietch-otel view',
    'node --require @sietch/otel/register app.js',
    'docker compose up -d',
  ];
  for (const command of commands) expect(next).toContain(command);
});
