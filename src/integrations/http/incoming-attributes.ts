// The attributes of incoming requests, as upstream's instrumentation has them. That parses a URL
// for each request; here, what all requests to a host have in common is made once, and whatever is
// not plain (a proxy's headers, an odd path) is left to upstream's own function.
import type { IncomingMessage } from 'node:http';
import { type Attributes, diag, SpanKind } from '@opentelemetry/api';
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
import { ResultCache } from '../../observe/result-cache.js';
import { createSpanModel, type SpanModel } from '../../observe/span-model.js';
import { methodInName } from './names.js';

export type Scheme = 'http' | 'https';

const PLAIN_VERSION = '1.1';
const PLAIN_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const PLAIN_HOST = /^([\w.-]+)(?::(\d+))?$/;
/** By character code: what a URL leaves as it is. */
const PLAIN_CHARACTERS = new Uint8Array(128);
for (const character of '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~!$&()*+,;=:@.-/')
  PLAIN_CHARACTERS[character.charCodeAt(0)] = 1;
const SLASH = 47;
const DOT = 46;
const QUESTION_MARK = 63;
/** Strangers choose the host. */
const MAX_HOSTS = 100;

/** The attributes of requests by one scheme. */
export class IncomingAttributes {
  readonly #scheme: Scheme;
  /** By method, by host. */
  readonly #models = new Map(PLAIN_METHODS.map((method) => [method, new ResultCache<string, SpanModel>(MAX_HOSTS)]));

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
    if (!isPlain || httpVersion !== PLAIN_VERSION || !isPlainPath(url)) return undefined;
    const models = this.#models.get(method);
    return models === undefined ? undefined : (models.get(host) ?? this.#learn(method, host, models));
  }

  /** The attributes of a plain request besides its constants: an object of its own. */
  own(request: IncomingMessage): Attributes {
    const { socket, headers, url = '' } = request;
    const { remoteAddress, remotePort } = socket;
    const client = headers['x-forwarded-for'] === undefined ? remoteAddress : getRemoteClientAddress(request);
    const userAgent = headers['user-agent'];
    const own: Attributes = { [ATTR_URL_PATH]: pathOf(url) };
    if (remoteAddress !== undefined) own[ATTR_NETWORK_PEER_ADDRESS] = remoteAddress;
    if (remotePort !== undefined) own[ATTR_NETWORK_PEER_PORT] = remotePort;
    if (client !== undefined && client !== null) own[ATTR_CLIENT_ADDRESS] = client;
    if (userAgent !== undefined) own[ATTR_USER_AGENT_ORIGINAL] = userAgent;
    return own;
  }

  /** The same for a request that is not plain, with all its attributes. */
  other(request: IncomingMessage): SpanModel {
    const attributes = getIncomingRequestAttributes(request, { component: this.#scheme, enableSyntheticSourceDetection: false }, diag);
    return { name: methodInName(attributes[ATTR_HTTP_REQUEST_METHOD]), options: { kind: SpanKind.SERVER, attributes }, shape: undefined };
  }

  #learn(method: string, host: string, models: ResultCache<string, SpanModel>): SpanModel | undefined {
    const [, name, port = this.#scheme === 'http' ? '80' : '443'] = PLAIN_HOST.exec(host) ?? [];
    if (name === undefined || !URL.canParse(`${this.#scheme}://${host}/`)) return undefined;
    const model = createSpanModel(method, SpanKind.SERVER, {
      [ATTR_HTTP_REQUEST_METHOD]: method,
      [ATTR_URL_SCHEME]: this.#scheme,
      [ATTR_SERVER_ADDRESS]: name,
      [ATTR_SERVER_PORT]: Number(port),
      [ATTR_NETWORK_PROTOCOL_VERSION]: PLAIN_VERSION,
    });
    models.offer(host, model);
    return model;
  }
}

/** A path that a URL leaves as it is: no segments of dots, nothing that is to be encoded. */
function isPlainPath(url: string): boolean {
  if (url.charCodeAt(0) !== SLASH || url.charCodeAt(1) === SLASH) return false;
  let before = SLASH;
  for (let at = 1; at < url.length; at++) {
    const code = url.charCodeAt(at);
    if (code === QUESTION_MARK) return true;
    if (PLAIN_CHARACTERS[code] !== 1 || (code === DOT && before === SLASH)) return false;
    before = code;
  }
  return true;
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
