// Detects the attributes of the process and the id of the service instance. Upstream's detectors
// load node:crypto for one id and look the user up, at each start.
import { readFileSync } from 'node:fs';
import type { ResourceDetector } from '@opentelemetry/resources';
import {
  ATTR_PROCESS_EXECUTABLE_NAME,
  ATTR_PROCESS_PID,
  ATTR_PROCESS_RUNTIME_DESCRIPTION,
  ATTR_PROCESS_RUNTIME_NAME,
  ATTR_PROCESS_RUNTIME_VERSION,
  ATTR_SERVICE_INSTANCE_ID,
} from '@opentelemetry/semantic-conventions/incubating';

/**
 * As upstream's, without arguments, paths and the user: these may hold secrets and change at each
 * start, which would make new series of every metric.
 */
export const processDetector: ResourceDetector = {
  detect: () => ({
    attributes: {
      [ATTR_PROCESS_PID]: process.pid,
      [ATTR_PROCESS_EXECUTABLE_NAME]: process.title,
      [ATTR_PROCESS_RUNTIME_VERSION]: process.versions.node,
      [ATTR_PROCESS_RUNTIME_NAME]: 'nodejs',
      [ATTR_PROCESS_RUNTIME_DESCRIPTION]: 'Node.js',
    },
  }),
};

export const serviceInstanceIdDetector: ResourceDetector = {
  detect: () => ({ attributes: { [ATTR_SERVICE_INSTANCE_ID]: randomUuid() } }),
};

/** A UUID of version 4, from Linux itself where that is possible. */
function randomUuid(): string {
  try {
    const uuid = readFileSync('/proc/sys/kernel/random/uuid', 'latin1').trim();
    if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(uuid)) return uuid;
  } catch {
    // Not Linux.
  }
  const { randomUUID }: typeof import('node:crypto') = require('node:crypto');
  return randomUUID();
}
