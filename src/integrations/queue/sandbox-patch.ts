// Sandboxed processors: BullMQ runs them in a process or a thread of its own and sends the job
// there as JSON. The trace goes along in a field of that JSON, which is taken out again before the
// processor sees the job.
import type { ChildProcess } from 'node:child_process';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation';
import { checkMembers } from '../../observe/library-members.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { SANDBOX_FIELD, type TraceCarrier } from './sandbox-field.js';

/** BullMQ's Child: the parent's handle of the process or thread. */
interface ChildPrototype {
  send(this: { readonly childProcess?: ChildProcess }, message: { job?: object }): Promise<unknown>;
}

/** BullMQ's ChildProcessor: runs in there. */
interface ChildProcessorPrototype {
  start(this: unknown, job: { [SANDBOX_FIELD]?: TraceCarrier }, token?: string): Promise<unknown>;
}

interface SandboxModule {
  Child?: { prototype: Partial<ChildPrototype> };
  ChildProcessor?: { prototype: Partial<ChildProcessorPrototype> };
}

/**
 * The files of both ends, in both builds of BullMQ.
 * @param threads whether worker threads are observed, so that somebody takes the field out there
 */
export function sandboxFiles(supported: string[], threads: boolean): InstrumentationNodeModuleFile[] {
  const patches = new MethodPatches();
  const parent = (exports: SandboxModule, version?: string) => {
    checkMembers('bullmq', version, exports, ['Child.prototype.send']);
    patches.replace(exports.Child?.prototype, 'send', (original) => {
      return function send(message) {
        const carries = patches.isOn && message.job !== undefined && (threads || this.childProcess !== undefined);
        return original.call(this, carries ? { ...message, job: withTrace(message.job) } : message);
      };
    });
    return exports;
  };
  const child = (exports: SandboxModule, version?: string) => {
    checkMembers('bullmq', version, exports, ['ChildProcessor.prototype.start']);
    patches.replace(exports.ChildProcessor?.prototype, 'start', (original) => {
      return function start({ [SANDBOX_FIELD]: carrier, ...job }, token) {
        const inJob = carrier === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, carrier);
        return context.with(inJob, () => original.call(this, job, token));
      };
    });
    return exports;
  };
  return ['cjs', 'esm'].flatMap((build) => [
    new InstrumentationNodeModuleFile(`bullmq/dist/${build}/classes/child.js`, supported, parent, () => patches.undo()),
    new InstrumentationNodeModuleFile(`bullmq/dist/${build}/classes/child-processor.js`, supported, child, () => patches.undo()),
  ]);
}

function withTrace(job: object | undefined): object {
  const carrier: TraceCarrier = {};
  propagation.inject(context.active(), carrier);
  return { ...job, [SANDBOX_FIELD]: carrier };
}
