// The self-check of a process: is what it makes arriving, and is something in the way? Loaded only
// when it runs.
import { isMainThread } from 'node:worker_threads';
import { environment, isConfiguredByFile } from '../config/environment.js';
import { isRecorderOn } from '../context/trace-recording.js';
import { untraced } from '../context/untraced.js';
import type { Finding } from '../diagnose/codes.js';
import { note, warn } from '../diagnose/diagnostics.js';
import type { AnyQueue } from '../export/export-queue.js';
import { warnOfAgents } from '../sdk/api/conflicts.js';
import { isEsModuleProgram, nodeFlags } from '../sdk/hooks/program-format.js';
import { describeUnobserved, unobservedLibraries } from '../sdk/hooks/unobserved-libraries.js';
import { programPath } from '../sdk/resource/pm2.js';
import { currentFolder, findService } from '../sdk/resource/resource.js';
import { unsampledParents } from '../sdk/trace/unsampled-parents.js';
import { checkCollector } from './collector-check.js';
import { checkEnvironment } from './environment-checks.js';
import { lateVariables } from './late-variables.js';
import { checkBundle, checkCopies, checkNode } from './process-checks.js';

export interface SelfCheckOptions {
  readonly queues: readonly AnyQueue[];
  /**
   * Under the doctor: the variables when the process started. Then findings that may be no fault
   * are logged too, like a server without requests.
   */
  readonly atStart: ReadonlyMap<string, string | undefined> | undefined;
  readonly esmHook: 'auto' | 'on' | 'off';
  /** Whether the app has made worker threads. */
  readonly hasUnobservedThreads: () => boolean;
}

/**
 * Checks the process and the collector and logs the findings. The synchronous part runs at once.
 */
export async function checkSelf(options: SelfCheckOptions): Promise<void> {
  checkProcess(options);
  const spans = options.queues.find(({ what }) => what === 'spans');
  if (spans === undefined || spans.made === 0 || spans.sent > 0) return;
  reportFindings(await untraced(() => checkCollector(environment())));
}

/** The synchronous checks. */
export function checkProcess({ queues, atStart, esmHook, hasUnobservedThreads }: SelfCheckOptions): void {
  if (!isMainThread) return;
  warnOfAgents();
  const script = programPath();
  reportFindings([...checkCopies(), ...checkBundle(script), ...checkNode(process.versions.node)]);
  const unobserved = unobservedLibraries().map(describeUnobserved);
  if (atStart === undefined) {
    for (const library of unobserved) note('SIETCH194', library);
    return;
  }
  reportFindings(unobserved.map((detail) => ({ code: 'SIETCH194', detail })));
  const env = isConfiguredByFile() ? environment() : Object.fromEntries(atStart);
  reportFindings(checkEnvironment(env, findService(environment(), environment()['OTEL_SERVICE_NAME'] ?? '').name));
  const late = lateVariables(atStart, process.env, currentFolder());
  if (late !== undefined) reportFindings([{ code: 'SIETCH153', detail: late }]);
  const unsampled = unsampledParents();
  if (unsampled > 0) reportFindings([{ code: 'SIETCH152', detail: `${unsampled} times` }]);
  if (hasUnobservedThreads()) reportFindings([{ code: 'SIETCH133' }]);
  if (esmHook === 'off' && isEsModuleProgram(script, nodeFlags())) reportFindings([{ code: 'SIETCH136' }]);
  if (unsampled === 0 && !isRecorderOn() && queues.some(({ what, made }) => what === 'spans' && made === 0))
    reportFindings([{ code: 'SIETCH132' }]);
}

function reportFindings(findings: readonly Finding[]): void {
  for (const { code, detail } of findings) warn(code, detail);
}
