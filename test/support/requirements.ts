// What a machine may lack. Such tests are left out with a line that says so; with SIETCH_OTEL_TEST_REQUIRE_ALL=1 they fail instead.

import { writeSync } from 'node:fs';
import { pgWithNative } from './pg-native.ts';
import { findPrometheus } from './prometheus-binaries.ts';

/** Whether there is a Prometheus for `test.runIf()`. */
export function hasPrometheus(): Promise<boolean> {
  return isThere('tests with a real Prometheus', findPrometheus);
}

/** Whether there is node-postgres' native client. */
export function hasPgNative(): Promise<boolean> {
  return isThere("tests of node-postgres' native client", pgWithNative);
}

/** Whether `find` resolves; else a line says what is left out. */
export async function isThere(what: string, find: () => Promise<unknown>): Promise<boolean> {
  try {
    await find();
    return true;
  } catch (error) {
    if (process.env['SIETCH_OTEL_TEST_REQUIRE_ALL'] === '1') throw error;
    writeSync(2, `\nLeft out: ${what}. ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}
