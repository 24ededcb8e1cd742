// A reporter for the end of the run: how many tests this machine could not run, why, and what to install.

import type { Reporter, TestModule } from 'vitest/node';

const REMEDY = '\n`bash .ci/run` installs all that Debian has, and with SIETCH_OTEL_TEST_REQUIRE_ALL=1 fails what needs it and lacks it.\n';

export class SkippedTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const { lacking } = test.meta();
        if (lacking !== undefined) counts.set(lacking, (counts.get(lacking) ?? 0) + 1);
      }
    }
    for (const [lacking, count] of counts) process.stderr.write(`\n${count} ${count === 1 ? 'test' : 'tests'} skipped: ${lacking}\n`);
    if (counts.size > 0) process.stderr.write(REMEDY);
  }
}
