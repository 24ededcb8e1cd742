// Detects the host's attributes. Upstream's detector reads the id of the machine asynchronously,
// which loads parts of Node and holds the first export back.
import { readFileSync } from 'node:fs';
import { arch, hostname } from 'node:os';
import { type ResourceDetector, hostDetector as upstream } from '@opentelemetry/resources';
import { ATTR_HOST_ARCH, ATTR_HOST_ID, ATTR_HOST_NAME } from '@opentelemetry/semantic-conventions/incubating';

/** Node's names of architectures → those of the semantic conventions, where they differ. */
const ARCHITECTURES: Readonly<Record<string, string>> = { arm: 'arm32', ppc: 'ppc32', x64: 'amd64' };
const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/** Gives what upstream's does; elsewhere than on Linux, it is upstream's. */
export const hostDetector: ResourceDetector =
  process.platform === 'linux' ? { detect: () => ({ attributes: hostAttributes() }) } : upstream;

function hostAttributes(): Record<string, string> {
  const id = machineId();
  const attributes = { [ATTR_HOST_NAME]: hostname(), [ATTR_HOST_ARCH]: ARCHITECTURES[arch()] ?? arch() };
  return id === undefined ? attributes : { ...attributes, [ATTR_HOST_ID]: id };
}

function machineId(): string | undefined {
  for (const file of MACHINE_ID_FILES) {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      // The other one may be there.
    }
  }
  return undefined;
}
