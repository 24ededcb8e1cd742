// OTLP over HTTP for one signal: where to, with what, and the connection that is kept.
import type { Agent } from 'node:http';
import { type OtlpHttpConfig, readOtlpHttpConfig } from './otlp-config.js';
import type { Encodable, OtlpEncoder } from './otlp-encoder.js';
import { exchange } from './otlp-http.js';
import type { HandedRequest, OtlpSignal, Sender, SendResult } from './sender.js';
import { DISTRO_VERSION } from './version.js';

const USER_AGENT = `sietch-otel-node/${DISTRO_VERSION}`;

export class OtlpHttpSender<T extends Encodable> implements Sender<T> {
  readonly target: string;
  readonly #config: OtlpHttpConfig;
  readonly #createEncoder: () => OtlpEncoder<T>;
  #encoder: OtlpEncoder<T> | undefined;
  #agent: Agent | undefined;

  constructor(signal: OtlpSignal, createEncoder: () => OtlpEncoder<T>) {
    this.#config = readOtlpHttpConfig(process.env, signal);
    this.#createEncoder = createEncoder;
    this.target = new URL(this.#config.url).origin;
  }

  async send(items: readonly T[], timeoutMs: number): Promise<SendResult> {
    const encoder = this.#getEncoder();
    const encoded = await encoder.encode(items);
    if (encoded === undefined) return { status: 'failed', reason: 'it cannot be encoded', cause: 'unencodable' };
    const { result, body } = await exchange({
      url: this.#config.url,
      headers: this.#headers(encoder),
      body: this.#config.gzip ? await gzip(encoded) : encoded,
      timeoutMs: Math.min(timeoutMs, this.#config.timeoutMs),
      agent: this.#getAgent(),
      keepsAlive: false,
    });
    return result.status === 'sent' && body !== undefined ? { status: 'sent', rejected: encoder.rejected(body) } : result;
  }

  handOver(items: readonly T[]): HandedRequest | undefined {
    const encoder = this.#getEncoder();
    const encoded = encoder.encodeNow(items);
    if (encoded === undefined) return undefined;
    const { url, tls } = this.#config;
    const { gzipSync }: typeof import('node:zlib') = require('node:zlib');
    return { kind: 'http', url, tls, headers: this.#headers(encoder), body: this.#config.gzip ? gzipSync(encoded) : encoded };
  }

  async shutdown(): Promise<void> {
    this.#agent?.destroy();
  }

  #getEncoder(): OtlpEncoder<T> {
    this.#encoder ??= this.#createEncoder();
    return this.#encoder;
  }

  #headers(encoder: OtlpEncoder<T>): Record<string, string> {
    return {
      'User-Agent': USER_AGENT,
      ...this.#config.headers,
      'Content-Type': encoder.contentType,
      ...(this.#config.gzip ? { 'Content-Encoding': 'gzip' } : {}),
    };
  }

  #getAgent(): Agent {
    if (this.#agent === undefined) {
      const secure = this.#config.url.startsWith('https:');
      const { Agent }: typeof import('node:http') = secure ? require('node:https') : require('node:http');
      this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ...(secure ? this.#config.tls : {}) });
    }
    return this.#agent;
  }
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const zlib: typeof import('node:zlib') = require('node:zlib');
  return new Promise((resolve) => zlib.gzip(bytes, (error, packed) => resolve(error === null ? packed : zlib.gzipSync(bytes))));
}
