// A flow is one `send` span; each of its jobs carries that span's context and is linked to it.
import { context, createContextKey } from '@opentelemetry/api';
import type { MethodPatches } from '../../observe/method-patches.js';
import type { BullModule, FlowNode, FlowProducerInstance } from './bullmq-module.js';
import { withJobContext } from './job-context.js';
import { type Telemetry, traceSend } from './job-tracer.js';

const FLOW_METADATA = createContextKey('sietch-otel.queue.flow-metadata');
/** Flows of one call that go to several queues. */
const SEVERAL = '*';

export function patchFlows(patches: MethodPatches, bull: BullModule, current: () => Telemetry): void {
  const prototype = bull.FlowProducer?.prototype;
  patches.replace(
    prototype,
    'add',
    (original) =>
      function add(this: FlowProducerInstance, flow: FlowNode, ...rest) {
        const run = () => original.call(this, flow, ...rest);
        return hasOwnTelemetry(this) || !patches.isOn ? run() : traceFlow(current(), [flow], 'addFlow', run);
      },
  );
  patches.replace(
    prototype,
    'addBulk',
    (original) =>
      function addBulk(this: FlowProducerInstance, flows: readonly FlowNode[]) {
        const run = () => original.call(this, flows);
        return hasOwnTelemetry(this) || !patches.isOn ? run() : traceFlow(current(), flows, 'addBulkFlows', run);
      },
  );
  patches.replace(
    prototype,
    // BullMQ itself gives a node without options no context.
    'addNode',
    (original) =>
      function addNode(this: FlowProducerInstance, entry) {
        const metadata = context.active().getValue(FLOW_METADATA);
        if (typeof metadata !== 'string' || !patches.isOn) return original.call(this, entry);
        const { node } = entry;
        return original.call(this, { ...entry, node: { ...node, opts: withJobContext(node.opts, metadata) } });
      },
  );
}

function traceFlow(telemetry: Telemetry, flows: readonly FlowNode[], operation: string, run: () => unknown): unknown {
  const first = flows[0]?.queueName ?? SEVERAL;
  const queue = flows.every((flow) => flow.queueName === first) ? first : SEVERAL;
  return traceSend(telemetry, queue, operation, true, (span, metadata) => {
    span?.setAttribute(
      'bullmq.job.bulk.count',
      flows.reduce((count, flow) => count + countJobs(flow), 0),
    );
    return context.with(context.active().setValue(FLOW_METADATA, metadata), run);
  });
}

function countJobs(flow: FlowNode): number {
  return (flow.children ?? []).reduce((count, child) => count + countJobs(child), 1);
}

function hasOwnTelemetry(producer: FlowProducerInstance): boolean {
  return producer.opts?.telemetry !== undefined;
}
