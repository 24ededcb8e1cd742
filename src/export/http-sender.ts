// Sends one signal over OTLP/HTTP, on connections that are kept alive: one for each export that is
// under way.
import type { Agent } from 'node:http';
import { DISTRO_VERSION } from '../sdk/version.js';
import type { Encodable, Encoder } from './encoder.js';
import { exchange } from './http-exchange.js';
import type { HandedRequest, Sender, SendResult, TlsFiles } from './sender.js';

const USER_AGENT = `sietch-otel-node/${DISTRO_VERSION}`;

export interface HttpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest time of one request, in ms. */
  readonly timeoutMs: number;
  readonly gzip: boolean;
  readonly tls: TlsFiles;
}

export class HttpSender<T extends Encodable> implements Sender<T> {
  readonly target: string;
  readonly type: string;
  readonly holdsProcess = false;
  readonly #to: HttpTarget;
  readonly #createEncoder: () => Encoder<T>;
  #encoder: Encoder<T> | undefined;
  #agent: Agent | undefined;

  /** @param createEncoder called with the first export: encoders are not loaded at start-up. */
  constructor(type: string, target: HttpTarget, createEncoder: () => Encoder<T>) {
    this.type = type;
    this.#to = target;
    this.#createEncoder = createEncoder;
    this.target = new URL(target.url).origin;
  }

  async send(items: readonly T[], timeoutMs: number): Promise<SendResult> {
    const encoder = this.#getEncoder();
    const encoded = await encoder.encode(items);
    if (encoded === undefined) return { status: 'failed', reason: 'it cannot be encoded', cause: 'unencodable' };
    const { result, body } = await exchange({
      url: this.#to.url,
      headers: this.#headers(encoder),
      body: this.#to.gzip ? await gzip(encoded.body) : encoded.body,
      timeoutMs: Math.min(timeoutMs, this.#to.timeoutMs),
      agent: this.#getAgent(),
      keepsAlive: false,
    });
    return result.status === 'sent' ? encoder.readAnswer(encoded, body) : result;
  }

  handOver(items: readonly T[]): HandedRequest | undefined {
    const encoder = this.#getEncoder();
    const encoded = encoder.encodeNow(items);
    if (encoded === undefined) return undefined;
    const { url, tls } = this.#to;
    const { gzipSync }: typeof import('node:zlib') = require('node:zlib');
    const { body, unencodable } = encoded;
    return { kind: 'http', url, tls, headers: this.#headers(encoder), body: this.#to.gzip ? gzipSync(body) : body, unencodable };
  }

  async shutdown(): Promise<void> {
    this.#agent?.destroy();
  }

  #getEncoder(): Encoder<T> {
    this.#encoder ??= this.#createEncoder();
    return this.#encoder;
  }

  #headers(encoder: Encoder<T>): Record<string, string> {
    return {
      'User-Agent': USER_AGENT,
      ...this.#to.headers,
      'Content-Type': encoder.contentType,
      ...(this.#to.gzip ? { 'Content-Encoding': 'gzip' } : {}),
    };
  }

  #getAgent(): Agent {
    if (this.#agent === undefined) {
      const secure = this.#to.url.startsWith('https:');
      const { Agent }: typeof import('node:http') = secure ? require('node:https') : require('node:http');
      this.#agent = new Agent({ keepAlive: true, ...(secure ? this.#to.tls : {}) });
    }
    return this.#agent;
  }
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const zlib: typeof import('node:zlib') = require('node:zlib');
  return new Promise((resolve) => zlib.gzip(bytes, (error, packed) => resolve(error === null ? packed : zlib.gzipSync(bytes))));
}
