// Tells what Node's permission model (`node --permission`) denies to this process. To ask first
// matters: on Node.js 26 a server that may not listen does not get an `error`, the process ends by
// an uncaught exception.

/**
 * Node before 25 has no permission for the network, allows it, and says that it does not when
 * asked.
 */
export function isDenied(permission: 'net' | 'worker'): boolean {
  if (process.permission === undefined) return false;
  const isKnown = permission === 'worker' || process.allowedNodeEnvironmentFlags.has('--allow-net');
  return isKnown && !process.permission.has(permission);
}
