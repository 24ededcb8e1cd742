// The attributes of incoming requests, as upstream's instrumentation has them. That parses a URL
// for each request; here, what all requests to a host have in common is made once, and whatever is
// not plain (a proxy's headers, an odd path) is left to upstream's own function.
import type { IncomingMessage } from 'node:http';
import { diag, type Span, SpanKind } from '@opentelemetry/api';
import { getIncomingRequestAttributes, getRemoteClientAddress } from '@opentelemetry/instrumentation-http/build/src/utils.js';
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';
import { createSpanModel, type SpanModel } from '../../observe/span-model.js';
import { methodInName } from './names.js';

export type Scheme = 'http' | 'https';

const PLAIN_VERSION = '1.1';
const PLAIN_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const PLAIN_HOST = /^([\w.-]+)(?::(\d+))?$/;
/** A path that a URL leaves as it is: no segments of dots, nothing that is to be encoded. */
const PLAIN_PATH = /^\/(?!\/)(?:[\w~!$&()*+,;=:@-][\w~!$&()*+,;=:@.-]*|\/)*$/;
/** Strangers choose the host: when so many are known, all are forgotten. */
const MAX_HOSTS = 100;

/** The attributes of requests by one scheme. */
export class IncomingAttributes {
  readonly #scheme: Scheme;
  /** By method, by host. */
  readonly #hosts = new Map<string, ReadonlyMap<string, SpanModel>>();

  constructor(scheme: Scheme) {
    this.#scheme = scheme;
  }

  /**
   * What the span of a plain request starts with: the same object for all requests to a host.
   * Undefined for others.
   */
  plain({ method = '', headers, httpVersion, url = '' }: IncomingMessage): SpanModel | undefined {
    const { host } = headers;
    const isPlain = host !== undefined && headers.forwarded === undefined && headers['x-forwarded-host'] === undefined;
    if (!isPlain || httpVersion !== PLAIN_VERSION || !PLAIN_PATH.test(pathOf(url))) return undefined;
    return (this.#hosts.get(host) ?? this.#learn(host)).get(method);
  }

  /** The attributes that are added to the constants of a plain request. */
  addOwn(span: Span, request: IncomingMessage): void {
    const { socket, headers, url = '' } = request;
    const { remoteAddress, remotePort } = socket;
    const client = headers['x-forwarded-for'] === undefined ? remoteAddress : getRemoteClientAddress(request);
    const userAgent = headers['user-agent'];
    if (remoteAddress !== undefined) span.setAttribute(ATTR_NETWORK_PEER_ADDRESS, remoteAddress);
    if (remotePort !== undefined) span.setAttribute(ATTR_NETWORK_PEER_PORT, remotePort);
    if (userAgent !== undefined) span.setAttribute(ATTR_USER_AGENT_ORIGINAL, userAgent);
    span.setAttribute(ATTR_URL_PATH, pathOf(url));
    if (client !== undefined && client !== null) span.setAttribute(ATTR_CLIENT_ADDRESS, client);
  }

  /** The same for a request that is not plain, with all its attributes. */
  other(request: IncomingMessage): SpanModel {
    const attributes = getIncomingRequestAttributes(request, { component: this.#scheme, enableSyntheticSourceDetection: false }, diag);
    return { name: methodInName(attributes[ATTR_HTTP_REQUEST_METHOD]), options: { kind: SpanKind.SERVER, attributes }, shape: undefined };
  }

  #learn(host: string): ReadonlyMap<string, SpanModel> {
    const byMethod = new Map<string, SpanModel>();
    const [, name, port = this.#scheme === 'http' ? '80' : '443'] = PLAIN_HOST.exec(host) ?? [];
    if (name !== undefined && URL.canParse(`${this.#scheme}://${host}/`)) {
      for (const method of PLAIN_METHODS) byMethod.set(method, this.#create(method, name, Number(port)));
    }
    if (this.#hosts.size >= MAX_HOSTS) this.#hosts.clear();
    this.#hosts.set(host, byMethod);
    return byMethod;
  }

  #create(method: string, host: string, port: number): SpanModel {
    return createSpanModel(method, SpanKind.SERVER, {
      [ATTR_HTTP_REQUEST_METHOD]: method,
      [ATTR_URL_SCHEME]: this.#scheme,
      [ATTR_SERVER_ADDRESS]: host,
      [ATTR_SERVER_PORT]: port,
      [ATTR_NETWORK_PROTOCOL_VERSION]: PLAIN_VERSION,
    });
  }
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
