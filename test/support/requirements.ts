// What a machine may lack. Such tests are skipped with a line that says what to install, and skipped-tests.ts lists them again at the end
// of the run; with SIETCH_OTEL_TEST_REQUIRE_ALL=1 they fail instead.

import { existsSync, writeSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestOptions, TestRunner } from 'vitest';
import { findChromium } from './chromium.ts';
import { type NodeMajor, nodeBinary } from './node-versions.ts';
import { pgWithNative } from './pg-native.ts';
import { findPrometheus } from './prometheus-binaries.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What this machine lacks for the test, and what to install. */
    lacking?: string;
  }
}

/** Options of tests that need a Prometheus. */
export function needsPrometheus(): Promise<TestOptions> {
  return needs('Prometheus', findPrometheus);
}

/** Options of tests that need node-postgres' native client. */
export function needsPgNative(): Promise<TestOptions> {
  return needs("node-postgres' native client", pgWithNative);
}

/** Options of tests that look at pages. */
export function needsChromium(): Promise<TestOptions> {
  return needs('Chromium', findChromium);
}

/** Options of tests that need what `find` looks for: they are skipped when it throws. */
export async function needs(what: string, find: () => Promise<unknown>): Promise<TestOptions> {
  try {
    await find();
    return {};
  } catch (error) {
    return skipped(lackingLine(what, error));
  }
}

/** Options of tests that need programs on PATH which neither npm nor Debian has: they are skipped under SIETCH_OTEL_TEST_REQUIRE_ALL=1 too. */
export function needsPrograms(...names: string[]): TestOptions {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const lacking = names.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  if (lacking.length === 0) return {};
  return skipped(`not on PATH: ${lacking.join(', ')}. Neither npm nor Debian has this: take it from its own releases.`);
}

/** Options of tests that need a right, which nothing installs: they are skipped under SIETCH_OTEL_TEST_REQUIRE_ALL=1 too. */
export async function needsRight(what: string, attempt: () => Promise<unknown>): Promise<TestOptions> {
  try {
    await attempt();
    return {};
  } catch (error) {
    return skipped(`${what} is lacking. ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The path of a `node` of this major version. The test that calls it is skipped when there is none. */
export function nodeForTest(major: NodeMajor): Promise<string> {
  return findForTest(`Node.js ${major}`, () => nodeBinary(major));
}

/** What `find` returns. The test that calls it is skipped when it throws. */
export async function findForTest<Found>(what: string, find: () => Promise<Found>): Promise<Found> {
  try {
    return await find();
  } catch (error) {
    const lacking = lackingLine(what, error);
    const test = TestRunner.getCurrentTest();
    if (test === undefined) throw error;
    test.meta.lacking = say(lacking);
    return test.context.skip(lacking);
  }
}

function skipped(lacking: string): TestOptions {
  return { skip: true, meta: { lacking: say(lacking) } };
}

function say(lacking: string): string {
  writeSync(2, `\nSkipped: ${lacking}\n`);
  return lacking;
}

function lackingLine(what: string, error: unknown): string {
  if (process.env['SIETCH_OTEL_TEST_REQUIRE_ALL'] === '1') throw error;
  return `${what} is lacking. ${error instanceof Error ? error.message : String(error)}`;
}
