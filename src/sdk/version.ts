// Name and version of the distribution, as they stand in its package.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const DISTRO_NAME = '@sietch/otel';

export const DISTRO_VERSION: string = readVersion();

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0.0.0';
}
