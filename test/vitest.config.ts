import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { SkippedTests } from './support/skipped-tests.ts';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.ts'],
    // Test files start servers and child processes: more of them at once than the CI machine has cores only makes them wait.
    maxWorkers: 3,
    // Limits for a machine that is busy: what is waited for is an event, so they cost nothing when it comes.
    testTimeout: 90_000,
    // Of `expect.poll`: one second is too short where several files run at once.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 180_000,
    reporters: ['default', new SkippedTests()],
    globalSetup: ['test/support/global-setup.ts'],
    coverage: { include: ['src/**/*.ts'], reporter: ['text-summary'] },
  },
});
