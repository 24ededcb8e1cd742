// Random traces in one process: each is exported whole or not at all, but for those that were evicted.
import { type Context, type Span, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepTrace, recordingOf } from '../../../src/context/trace-recording.js';
import { attributesOf, isSampled, remote, runRecorder } from './recorder-run.ts';

/** One step of a trace; `at` chooses among its spans. */
type Step =
  | { readonly do: 'start' | 'complete' | 'end' | 'fail' | 'message' | 'ask'; readonly trace: number; readonly at: number }
  | { readonly do: 'pass'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 15,
    arbitrary: fc.record({
      do: fc.constantFrom('start', 'start', 'complete', 'complete', 'end', 'end', 'end', 'message', 'fail', 'ask'),
      trace: fc.nat({ max: 7 }),
      at: fc.nat({ max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat({ max: 20_000 }) }) },
);
/** As long as that: fast-check's own sizes are far shorter. */
const STEPS = fc.array(step, { maxLength: 150, size: 'max' });

/** A message that was sent now, or, of a recorded trace, before it was kept. */
function messageOf(above: Span, at: number): Context {
  const { traceId, traceFlags } = above.spanContext();
  const isOld = recordingOf(above.spanContext()) !== undefined && at % 2 === 1;
  return remote(traceId, isOld ? TraceFlags.NONE : traceFlags);
}

class TraceModel {
  readonly spans: Span[] = [];
  completed = 0;
  hasReason = false;
}

test('whole or not at all', () => {
  let whole = 0;
  fc.assert(
    fc.property(STEPS, fc.constantFrom(0, 0.5), fc.constantFrom(65_536, 16_777_216), (steps, share, bytes) => {
      const run = runRecorder({ share, bytes });
      const models = new Map<number, TraceModel>();
      let passed = 0;
      for (const each of steps) {
        if (each.do === 'pass') {
          passed += each.ms;
          run.recorder.ring.sweep(performance.now() + passed);
          continue;
        }
        const model = models.get(each.trace) ?? new TraceModel();
        const above = model.spans[each.at % Math.max(1, model.spans.length)];
        models.set(each.trace, model);
        if (above === undefined) model.spans.push(run.start(`root ${each.trace}`, undefined, SpanKind.SERVER));
        else if (each.do === 'start') model.spans.push(run.start('child', above));
        else if (each.do === 'message') model.spans.push(run.start('process', messageOf(above, each.at), SpanKind.CONSUMER));
        else if (each.do === 'complete') model.completed += run.complete('get', above) ? 1 : 0;
        else if (each.do === 'ask') keepTrace(above.spanContext(), 'app');
        else if (above.isRecording()) {
          model.hasReason ||= each.do === 'fail';
          above.setStatus({ code: each.do === 'fail' ? SpanStatusCode.ERROR : SpanStatusCode.UNSET }).end();
        }
        if (each.do === 'ask') model.hasReason ||= above !== undefined;
      }
      for (const { spans } of models.values()) for (const span of spans) if (span.isRecording()) span.end();
      for (const [index, { spans, completed, hasReason }] of models) {
        const [root] = spans;
        if (root === undefined) continue;
        const { traceId } = root.spanContext();
        const arrived = run.exported.filter((span) => span.spanContext().traceId === traceId);
        const recording = recordingOf(root.spanContext());
        const isSent = recording === undefined ? isSampled(root.spanContext()) : recording.state === 'kept';
        // Of a trace that has fallen out, a message may begin a second half.
        if (recording?.state === 'over') continue;
        expect(arrived.length).toBe(isSent ? spans.length + completed : 0);
        if (recording !== undefined && isSent && completed > 0) whole++;
        if (recording !== undefined) expect(isSent).toBe(hasReason);
        const reason = attributesOf(arrived, `root ${index}`)['sietch.keep.reason'];
        expect(reason !== undefined).toBe(recording !== undefined && isSent);
        expect(new Set(arrived.map((span) => span.spanContext().spanId)).size).toBe(arrived.length);
      }
    }),
    { numRuns: 300 },
  );
  expect(whole, 'kept traces with spans that were made at their end').toBeGreaterThan(100);
});
