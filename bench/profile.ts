// Where the time of one scenario goes, by package and by function. Usage: npx tsx bench/profile.ts pg [candidate, default sietch]
// The profiler samples time that passes: calls into the operating system (sending to a server on the same core) look dearer than they are.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../test/support/checkout.ts';
import { prepareFolder } from './app-folder.ts';
import { candidatesOn } from './candidates.ts';
import { type ProfileShare, summarizeProfile } from './cpu-profile.ts';
import { pinSelf } from './pinning.ts';
import { SCENARIOS } from './scenarios.ts';
import { startServers } from './servers.ts';
import { runWorkload } from './workload.ts';

const SHOWN = { packages: 20, functions: 50 };
const SAMPLE_EVERY_US = 200;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function main(): Promise<void> {
  const [scenarioName = 'pg', candidateName = 'sietch'] = process.argv.slice(2);
  const scenario = SCENARIOS.find(({ name }) => name === scenarioName);
  const candidate = candidatesOn('20').find(({ name }) => name === candidateName);
  if (scenario === undefined || candidate === undefined) throw new RangeError('expected the name of a scenario, and of a candidate');
  if (candidateName === 'sietch') execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  const folder = await prepareFolder(candidate, say);
  const profiles = mkdtempSync(join(tmpdir(), 'sietch-otel-profile-'));
  const flags = ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-interval=${SAMPLE_EVERY_US}`];
  const servers = await startServers(say);
  try {
    pinSelf();
    await runWorkload({ ...candidate, preload: [...flags, ...candidate.preload] }, scenario, { ...servers.place, folder, quick: false });
    // A worker thread writes one too; that of the main thread is the first.
    const [first] = readdirSync(profiles).sort();
    if (first === undefined) throw new Error('node wrote no profile');
    const { packages, functions } = summarizeProfile(join(profiles, first));
    print('by package', packages.slice(0, SHOWN.packages));
    print('by function', functions.slice(0, SHOWN.functions));
  } finally {
    rmSync(profiles, { recursive: true });
    await servers.stop();
  }
}

function print(title: string, shares: readonly ProfileShare[]): void {
  const lines = shares.map(({ name, milliseconds }) => `${milliseconds.toFixed(0).padStart(7)} ms  ${name}`);
  process.stdout.write(`\n${title}\n${lines.join('\n')}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
