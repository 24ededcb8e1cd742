// Detects the id of the container from the control groups and mounts of this process. Upstream's
// detector (@opentelemetry/resource-detector-container 0.8) reads them asynchronously, which holds
// the first export back, and takes any hexadecimal name of a control group for an id.
import { readFileSync } from 'node:fs';
import type { ResourceDetector } from '@opentelemetry/resources';
import { ATTR_CONTAINER_ID } from '@opentelemetry/semantic-conventions/incubating';

const CGROUPS = '/proc/self/cgroup';
const MOUNTS = '/proc/self/mountinfo';

/**
 * An id of Docker, containerd, CRI-O or Podman, or one of AWS Fargate, alone or as systemd names
 * its scope: `cri-containerd-<id>.scope`.
 */
const ID_IN_PATH = /[/:-]([\da-f]{64}|[\da-f]{32}-\d{5,})(?=\.scope|\/|$)/g;
/**
 * Where the process has a namespace of its own for control groups, as with cgroup v2 by default, it
 * is at their root, or sees what is above it as `/..`.
 */
const NAMESPACED = /^\d+:[^:]*:\/(\.\.(\/.*)?)?$/m;
/**
 * Files that the container's engine keeps in the folder of the container. Of a pod of Kubernetes
 * that folder is the sandbox's, whose id is another.
 */
const ENGINE_FILE = /^\S+ \S+ \S+ \S*\/(?:overlay-)?containers\/([\da-f]{64})\/\S+ \/(?:etc|run)\//m;

export const containerDetector: ResourceDetector = {
  detect() {
    const id = process.platform === 'linux' ? findContainerId() : undefined;
    return { attributes: id === undefined ? {} : { [ATTR_CONTAINER_ID]: id } };
  },
};

/**
 * `undefined` outside of a container, and where only the engine knows the id: containerd and CRI-O
 * with cgroup v2.
 */
export function findContainerId(read = readText): string | undefined {
  try {
    const cgroups = read(CGROUPS);
    return idInCgroups(cgroups) ?? (NAMESPACED.test(cgroups) ? ENGINE_FILE.exec(read(MOUNTS))?.[1] : undefined);
  } catch {
    return undefined; // No /proc, or not for this process: node --permission.
  }
}

/** The innermost one: a container in a container has both in its path. */
function idInCgroups(cgroups: string): string | undefined {
  for (const line of cgroups.split('\n')) {
    const ids = [...line.matchAll(ID_IN_PATH)];
    if (ids.length > 0) return ids.at(-1)?.[1];
  }
  return undefined;
}

function readText(path: string): string {
  return readFileSync(path, 'latin1');
}
