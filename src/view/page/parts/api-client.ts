// Asks the viewer's server.
import { TOKEN_HEADER, TOKEN_META } from '../../api.js';

const TIMEOUT_MS = 15_000;
const token = document.querySelector<HTMLMetaElement>(`meta[name=${TOKEN_META}]`)?.content ?? '';

/** An answer other than 2xx; its message is the server's. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws {ApiError}, or an error of fetch. */
export async function getJson<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return JSON.parse(await getText(path, signal));
}

/** @throws {ApiError}, or an error of fetch. */
export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return read(await fetch(path, { signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]) }));
}

/** @throws {ApiError}, or an error of fetch. */
export async function postJson<Answer>(path: string, body: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', [TOKEN_HEADER]: token };
  return JSON.parse(await read(await fetch(path, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) })));
}

async function read(response: Response): Promise<string> {
  const text = await response.text();
  if (response.ok) return text;
  throw new ApiError(response.status, messageOf(text) ?? `the viewer answered ${response.status}`);
}

function messageOf(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') return body.message;
  } catch {
    // Not the viewer's own answer.
  }
  return undefined;
}

/** Asks, and gives the answer to `take`; why there is none is in `failure`. Nothing is told once it is aborted. */
export async function ask<Answer>(
  path: string,
  signal: AbortSignal,
  failure: { value: string },
  take: (answer: Answer) => void,
): Promise<void> {
  try {
    const answer = await getJson<Answer>(path, signal);
    if (signal.aborted) return;
    failure.value = '';
    take(answer);
  } catch (error) {
    if (!signal.aborted) failure.value = explain(error);
  }
}

export function explain(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return error instanceof DOMException && error.name === 'TimeoutError' ? 'the viewer does not answer' : 'the viewer cannot be reached';
}
