// Versions that npm has of a package.
import { execFileSync } from 'node:child_process';

/** The newest version in the range; undefined where there is none. */
export function newestIn(name: string, range: string): string | undefined {
  const found: unknown = JSON.parse(view(`${name}@${range}`, 'version') || '""');
  const versions = [found].flat().filter((version) => typeof version === 'string' && version !== '');
  return versions
    .sort((a, b) => compareVersions(String(a), String(b)))
    .map(String)
    .at(-1);
}

function view(what: string, field: string): string {
  return execFileSync('npm', ['view', what, field, '--json'], { encoding: 'utf8' }).trim();
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  return [0, 1, 2].map((at) => (left[at] ?? 0) - (right[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
