// The app does not see us: the same program prints the same, with and without the preload.
import { expect, test } from 'vitest';
import { type AppOptions, runApp } from '../../support/app.ts';
import { freshDatabase } from '../../support/servers.ts';

async function output(url: string, options: AppOptions): Promise<string> {
  const exit = await runApp('test/app/pg-all-forms.js', { args: [url], ...options }).waitForExit(60_000);
  expect(exit).toMatchObject({ code: 0, signal: null });
  return exit.stdout;
}

test.each([
  ['defaults', {}],
  ['sampled, comments leading', { SIETCH_OTEL_PG_COMMENT_POSITION: 'leading', OTEL_TRACES_SAMPLER: 'always_on' }],
  ['unsampled', { OTEL_TRACES_SAMPLER: 'always_off' }],
  ['everything slow', { SIETCH_OTEL_PG_SLOW_QUERY_MS: '1', SIETCH_OTEL_PG_EXPLAIN: 'on', SIETCH_OTEL_PG_BLOCKERS: 'on' }],
])('results, errors, event order and objects are what they are without the preload: %s', async (_, env) => {
  const url = await freshDatabase();
  const bare = await output(url, { preload: 'none' });
  // All forms ran to the end.
  expect(bare).toMatch(/^unhandled rejection \{/m);
  expect(await output(url, { env })).toBe(bare);
});
