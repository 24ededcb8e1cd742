// Upstream's instrumentation of node:http and node:https for outgoing requests, and ours for
// incoming ones: the same spans and metrics, by the same names, at a fraction of the cost.
// Upstream's functions look like those they stand for: not named `outgoingRequest`.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Histogram, Tracer } from '@opentelemetry/api';
import { HttpInstrumentation, type HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import { createInstrument } from '../../config/metric.js';
import type { SettingsOf } from '../../config/setting.js';
import { isRecorderOn } from '../../context/trace-recording.js';
import { tellLive } from '../../observe/live-state.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { preserveWrappedSignature } from '../../observe/preserve-signature.js';
import { reportLostPort } from '../../sdk/ports.js';
import { BodySizes, countRead, countWritten, type Write } from './body-sizes.js';
import { withErrorTypes } from './client.js';
import type { Scheme } from './incoming-attributes.js';
import type { Emitting } from './incoming-request.js';
import { observeWriteHead } from './kept-answer.js';
import { METRIC_ACTIVE_REQUESTS, METRIC_SERVER_DURATION } from './names.js';
import { countRequests, openRequests } from './open-requests.js';
import { listingTracer } from './outgoing-call.js';
import { RequestTracer } from './request-tracer.js';
import { observeRequest, observeResponse, observeServer } from './server-patch.js';
import type { httpSettings } from './settings.js';

type Definitions = ReturnType<HttpInstrumentation['init']>;
/**
 * The exports of node:http that are patched; the default export of the ES module is the same
 * object.
 */
interface Patched {
  request?: unknown;
  get?: unknown;
  Server: { prototype: Emitting };
}
interface Messages {
  IncomingMessage: { prototype: Emitting<IncomingMessage> };
  ServerResponse: { prototype: Emitting<ServerResponse> & Pick<ServerResponse, 'writeHead'> & { write: Write; end: Write } };
}

export class SietchHttpInstrumentation extends HttpInstrumentation {
  // `declare`: fields of its own would be emptied again after the base constructor, which fills
  // them.
  private declare serverDuration: Histogram;
  private declare bodySizes?: BodySizes | undefined;
  readonly #tracer: RequestTracer;
  readonly #patches = new MethodPatches();
  readonly #measuresBodies: boolean;

  constructor(config: HttpInstrumentationConfig, settings: SettingsOf<typeof httpSettings>) {
    super({ ...config, disableIncomingRequestInstrumentation: true });
    const bodySizes = () => {
      if (settings.bodySizes) this.bodySizes ??= new BodySizes(this.meter);
      return this.bodySizes;
    };
    this.#tracer = new RequestTracer({ tracer: () => super.tracer, duration: () => this.serverDuration, bodySizes }, settings);
    this.#measuresBodies = settings.bodySizes;
    tellLive('requests', openRequests, countRequests);
  }

  /** The tracer of upstream's part: outgoing calls. */
  protected override get tracer(): Tracer {
    return listingTracer(super.tracer);
  }

  override _updateMetricInstruments(): void {
    super._updateMetricInstruments();
    const clientDuration: unknown = Reflect.get(this, '_httpClientDurationHistogram');
    if (isHistogram(clientDuration)) Reflect.set(this, '_httpClientDurationHistogram', withErrorTypes(clientDuration));
    else reportLostPort('clientDuration');
    this.serverDuration = createInstrument(this.meter, METRIC_SERVER_DURATION);
    this.bodySizes = undefined;
    createInstrument(this.meter, METRIC_ACTIVE_REQUESTS).addCallback((result) => this.#tracer.series.observe(result));
  }

  override init(): Definitions {
    const definitions = super.init();
    for (const definition of definitions) {
      const { patch, unpatch } = definition;
      const scheme = definition.name === 'https' ? 'https' : 'http';
      definition.patch = (exports: Patched, version?: string) => {
        const patched: Patched | undefined = patch?.(exports, version);
        for (const wrapped of [patched?.request, patched?.get]) preserveWrappedSignature(wrapped);
        this.#patchServers(exports, scheme);
        return patched;
      };
      definition.unpatch = (exports: Patched, version?: string) => {
        unpatch?.(exports, version);
        this.#patches.undo();
      };
    }
    return definitions;
  }

  #patchServers({ Server }: Patched, scheme: Scheme): void {
    const patches = this.#patches;
    patches.replace(Server.prototype, 'emit', (original) => observeServer(original, this.#tracer, scheme, patches));
    // The messages of node:https too, which loads this module without anybody seeing it.
    const { IncomingMessage, ServerResponse }: Messages = require('node:http');
    const isCounted = this.#measuresBodies;
    patches.replace(IncomingMessage.prototype, 'emit', (original) => observeRequest(isCounted ? countRead(original) : original));
    patches.replace(ServerResponse.prototype, 'emit', observeResponse);
    if (isRecorderOn()) patches.replace(ServerResponse.prototype, 'writeHead', observeWriteHead);
    if (!isCounted) return;
    patches.replace(ServerResponse.prototype, 'write', countWritten);
    patches.replace(ServerResponse.prototype, 'end', countWritten);
  }
}

function isHistogram(value: unknown): value is Histogram {
  return typeof value === 'object' && value !== null && 'record' in value;
}
