// `sietch-otel view --export`: prints a trace of a viewer that runs on this machine.

import { once } from 'node:events';

const TIMEOUT_MS = 30_000;

/** @throws {Error} when there is no viewer on that port, or no such trace in it. */
export async function exportTrace(traceId: string, host: string, port: number): Promise<void> {
  const viewer = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const response = await ask(`${viewer}/api/traces/${traceId}/export`, viewer);
  if (!response.ok) throw new Error(`the viewer on ${viewer} has no trace ${traceId}: ${await messageOf(response)}`);
  for await (const chunk of response.body ?? []) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
}

async function ask(url: string, viewer: string): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
    const code = cause !== undefined && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new Error(`no viewer answers on ${viewer}${code}: start one with sietch-otel view, or give its \`--port\``);
  }
}

async function messageOf(response: Response): Promise<string> {
  const answer: unknown = await response.json().catch(() => undefined);
  const message = typeof answer === 'object' && answer !== null && 'message' in answer ? answer.message : undefined;
  return typeof message === 'string' ? message : `it answered ${response.status}`;
}
