// One outgoing HTTP call until its span ends, as long as that of upstream's instrumentations: the
// tracer that they are given tells of both. A call that is not sampled is listed too.
import { type Attributes, type Context, context, type Span, type SpanOptions, type Tracer } from '@opentelemetry/api';
import { ATTR_HTTP_REQUEST_METHOD, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '@opentelemetry/semantic-conventions';
import { type RunningCategory, RunningOperation, running } from '../../observe/running-operations.js';
import { methodInName, OTHER_METHOD } from './names.js';

const DEFAULT_PORTS: ReadonlySet<unknown> = new Set([80, 443, undefined]);

class OutgoingCall extends RunningOperation {
  readonly startedAt = performance.now();
  readonly context: Context;
  readonly #attributes: Attributes;

  constructor(caller: Context, attributes: Attributes) {
    super();
    this.context = caller;
    this.#attributes = attributes;
  }

  get category(): RunningCategory {
    return 'http call';
  }

  get title(): string {
    const { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_SERVER_ADDRESS]: address, [ATTR_SERVER_PORT]: port } = this.#attributes;
    return `${method ?? OTHER_METHOD} ${address ?? 'unknown_host'}${DEFAULT_PORTS.has(port) ? '' : `:${port}`}`;
  }
}

/** As `tracer`, for one that starts the spans of outgoing calls alone. */
class ListingTracer implements Tracer {
  readonly #tracer: Tracer;
  readonly startActiveSpan: Tracer['startActiveSpan'];

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
    this.startActiveSpan = tracer.startActiveSpan.bind(tracer);
  }

  startSpan(given: string, options: SpanOptions = {}, parent?: Context): Span {
    const caller = parent ?? context.active();
    const name = methodInName(options.attributes?.[ATTR_HTTP_REQUEST_METHOD] ?? given);
    const span = this.#tracer.startSpan(name, options, caller);
    const call = new OutgoingCall(caller, options.attributes ?? {});
    const { end } = span;
    span.end = (time) => {
      running.remove(call);
      end.call(span, time);
    };
    running.add(call);
    return span;
  }
}

const listing = new WeakMap<Tracer, Tracer>();

export function listingTracer(tracer: Tracer): Tracer {
  const known = listing.get(tracer);
  if (known !== undefined) return known;
  const made = new ListingTracer(tracer);
  listing.set(tracer, made);
  return made;
}
