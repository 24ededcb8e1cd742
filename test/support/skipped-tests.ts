// A reporter for the end of the run: how many tests this machine could not run, why, and what to install.

import type { Reporter, TestModule } from 'vitest/node';

const REMEDY = '\n`bash .ci/run` installs all that Debian has, and with SIETCH_OTEL_TEST_REQUIRE_ALL=1 fails what needs it and lacks it.\n';

export class SkippedTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const reasons = new Map<string, { lacking: string; count: number }>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const { lacking } = test.meta();
        if (lacking === undefined) continue;
        // Below its first line are details, such as the name of a temporary folder, which differ between test files.
        const [key = ''] = lacking.split('\n');
        const reason = reasons.get(key) ?? { lacking, count: 0 };
        reasons.set(key, reason);
        reason.count++;
      }
    }
    for (const { lacking, count } of reasons.values())
      process.stderr.write(`\n${count} ${count === 1 ? 'test' : 'tests'} skipped: ${lacking}\n`);
    if (reasons.size > 0) process.stderr.write(REMEDY);
  }
}
