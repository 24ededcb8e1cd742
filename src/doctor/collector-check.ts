// Checks the collector with an empty export, as the exporter would send it: the same address,
// headers and certificates.
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { OtlpSignal } from '../config/otlp-signals.js';
import type { Environment } from '../config/read.js';
import type { Finding, FindingCode } from '../diagnose/codes.js';
import { readOtlpHttpConfig } from '../export/otlp-config.js';
import { protocolOf } from './environment-checks.js';
import { askGrpc, speaksHttp2, speaksTls } from './other-protocols.js';

const TIMEOUT_MS = 5000;
/** A larger difference of the clocks is clock skew, not network delay. */
const MAX_SKEW_MS = 10_000;
const MAX_SERVER_LENGTH = 50;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** Findings about the collector of a signal; none when it accepts an export. */
export async function checkCollector(env: Environment, signal: OtlpSignal = 'TRACES', timeoutMs = TIMEOUT_MS): Promise<Finding[]> {
  const { url, headers, tls } = readOtlpHttpConfig(env, signal);
  if (protocolOf(env, signal) === 'grpc') return askGrpc(env, signal, timeoutMs);
  const json = protocolOf(env, signal) === 'http/json';
  try {
    const body = json ? '{}' : '';
    const answer = await post(
      new URL(url),
      { ...headers, 'content-type': json ? 'application/json' : 'application/x-protobuf' },
      tls,
      body,
      timeoutMs,
    );
    return [...judge(answer, url), ...clock(answer)];
  } catch (error) {
    return [await explain(error, new URL(url), timeoutMs)];
  }
}

function post(url: URL, headers: Record<string, string>, tls: object, body: string, timeoutMs: number): Promise<Answer> {
  const { request }: typeof import('node:http') = url.protocol === 'https:' ? require('node:https') : require('node:http');
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent: false, ...tls });
    let isNameKnown = isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
    outgoing.on('socket', (socket) =>
      socket.on('lookup', () => {
        isNameKnown = true;
      }),
    );
    const giveUp = () => outgoing.destroy(Object.assign(new Error('no answer'), { code: isNameKnown ? 'NO_ANSWER' : 'NO_NAME' }));
    const timer = setTimeout(giveUp, timeoutMs);
    outgoing.on('response', (response) => {
      response.resume();
      clearTimeout(timer);
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(body);
  });
}

function judge({ status, headers }: Answer, url: string): Finding[] {
  const code = isProxy(status, headers) ? 'SIETCH154' : codeOfStatus(status, headers['content-type'] ?? '');
  if (code === undefined) return [];
  const server = code === 'SIETCH154' ? `, server: ${String(headers['server'] ?? 'unknown').slice(0, MAX_SERVER_LENGTH)}` : '';
  return [{ code, detail: `HTTP ${status} from ${new URL(url).origin}${new URL(url).pathname}${server}` }];
}

/**
 * 502 and 504 are a gateway's by definition. A collector that is not ready answers 503 in the
 * format of OTLP and names no server.
 */
function isProxy(status: number, headers: IncomingHttpHeaders): boolean {
  if (status === 502 || status === 504) return true;
  return (
    status === 503 && (headers['server'] !== undefined || headers.via !== undefined || /^text\/html/.test(headers['content-type'] ?? ''))
  );
}

function codeOfStatus(status: number, contentType: string): FindingCode | undefined {
  if (status >= 200 && status < 300) return contentType.startsWith('text/html') ? 'SIETCH119' : undefined;
  if (status === 401 || status === 403) return 'SIETCH115';
  if (status === 404 || status === 405) return 'SIETCH116';
  if (status === 400 || status === 415) return 'SIETCH117';
  if (status === 429 || status === 503) return 'SIETCH118';
  if (status >= 300 && status < 400) return 'SIETCH119';
  return status >= 500 ? 'SIETCH129' : 'SIETCH117';
}

function clock({ headers }: Answer): Finding[] {
  const theirs = Date.parse(headers.date ?? '');
  const skew = Date.now() - theirs;
  if (Number.isNaN(theirs) || Math.abs(skew) <= MAX_SKEW_MS) return [];
  return [{ code: 'SIETCH128', detail: `this machine is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'ahead' : 'behind'}` }];
}

const CODES: Readonly<Record<string, FindingCode>> = {
  ENOTFOUND: 'SIETCH110',
  EAI_AGAIN: 'SIETCH110',
  ECONNREFUSED: 'SIETCH111',
  NO_NAME: 'SIETCH110',
  NO_ANSWER: 'SIETCH112',
  ETIMEDOUT: 'SIETCH112',
  EHOSTUNREACH: 'SIETCH112',
  ENETUNREACH: 'SIETCH112',
  EPROTO: 'SIETCH114',
  ERR_SSL_WRONG_VERSION_NUMBER: 'SIETCH114',
};

async function explain(error: unknown, url: URL, timeoutMs: number): Promise<Finding> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const detail = `${url.origin}: ${code}`;
  const known = CODES[code];
  if (known !== undefined) return { code: known, detail };
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) return { code: 'SIETCH113', detail };
  // Cut off, or answered in something that is not HTTP/1: what do they speak?
  if (url.protocol === 'http:' && (await speaksHttp2(url, timeoutMs))) return { code: 'SIETCH126', detail: url.origin };
  if (url.protocol === 'http:' && (await speaksTls(url, timeoutMs))) return { code: 'SIETCH114', detail: `${url.origin} speaks TLS` };
  return { code: 'SIETCH119', detail };
}
