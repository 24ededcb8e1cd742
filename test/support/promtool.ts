// promtool, Prometheus' own judge of metrics, configurations and rules. No vitest here.

import { spawn } from 'node:child_process';
import { findPrometheus } from './prometheus-binaries.ts';

export interface Verdict {
  code: number | null;
  output: string;
}

/** Runs promtool, e.g. `promtool(['check', 'metrics'], text)`. */
export async function promtool(args: readonly string[], input = ''): Promise<Verdict> {
  const { promtool: program } = await findPrometheus();
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 30_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
