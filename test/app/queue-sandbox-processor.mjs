// The processor of queue-sandbox.cjs, as an ES module.
import { trace } from '@opentelemetry/api';

// biome-ignore lint/style/noDefaultExport: BullMQ takes that
export default async (job) => {
  trace.getTracer('sandbox').startActiveSpan('in the sandbox', (span) => span.end());
  return Object.keys(job).includes('sietchTrace') ? 'a field of ours was seen' : job.data.n + 1;
};
