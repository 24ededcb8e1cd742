// Passes the port of the metrics endpoint on to child processes: a child that finds the port of its
// parent taken logs nothing.
import { isRunning } from '../node/running-process.js';

/**
 * Its value is the process id and the port. Children inherit it unless the app gives them another
 * environment.
 */
export const PARENT_ENDPOINT = 'SIETCH_OTEL_PARENT_ENDPOINT';

export function announceEndpoint(port: number): void {
  process.env[PARENT_ENDPOINT] = `${process.pid}:${port}`;
}

/** Whether a running process that started this one, directly or through others, listens there. */
export function isParentEndpoint(port: number): boolean {
  const [, pid, parentPort] = /^(\d+):(\d+)$/.exec(process.env[PARENT_ENDPOINT] ?? '') ?? [];
  return pid !== undefined && Number(parentPort) === port && Number(pid) !== process.pid && isRunning(Number(pid));
}
