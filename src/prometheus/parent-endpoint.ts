// A process tells those it starts where its metrics endpoint is: a child that finds that port taken has nothing to report. Its parent has answered first.

/** Its value is the process id and the port. Inherited, as long as the app does not give the child another environment. */
export const PARENT_ENDPOINT = 'SIETCH_OTEL_PARENT_ENDPOINT';

export function announceEndpoint(port: number): void {
  process.env[PARENT_ENDPOINT] = `${process.pid}:${port}`;
}

/** Whether a process that started this one, directly or through others, listens there. One that has ended does not. */
export function isParentEndpoint(port: number): boolean {
  const [, pid, parentPort] = /^(\d+):(\d+)$/.exec(process.env[PARENT_ENDPOINT] ?? '') ?? [];
  return pid !== undefined && Number(parentPort) === port && Number(pid) !== process.pid && isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
