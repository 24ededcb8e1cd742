// Sums up a V8 CPU profile by function and by package. What is in a bundle is told apart by its source map.

import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface ProfileShare {
  readonly name: string;
  readonly milliseconds: number;
}

export interface ProfileSummary {
  readonly functions: readonly ProfileShare[];
  readonly packages: readonly ProfileShare[];
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export function summarizeProfile(file: string): ProfileSummary {
  const profile: Profile = JSON.parse(readFileSync(file, 'utf8'));
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  profile.samples.forEach((id, index) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)') return;
    const milliseconds = (profile.timeDeltas[index] ?? 0) / 1000;
    const source = sourceOf(frame);
    const owner = packageOf(source, frame);
    packages.set(owner, (packages.get(owner) ?? 0) + milliseconds);
    const name = `${frame.functionName || '(anonymous)'} ${source.replace(/^.*node_modules\//, '').replace(/^.*\/(?=src\/)/, '')}`;
    functions.set(name, (functions.get(name) ?? 0) + milliseconds);
  });
  return { functions: sorted(functions), packages: sorted(packages) };
}

function sorted(sums: ReadonlyMap<string, number>): ProfileShare[] {
  return [...sums].map(([name, milliseconds]) => ({ name, milliseconds })).sort((a, b) => b.milliseconds - a.milliseconds);
}

const maps = new Map<string, SourceMap | undefined>();

/** Path of the source and its line, `node_modules/pg/lib/client.js:10`. */
function sourceOf({ url, lineNumber, columnNumber }: CallFrame): string {
  if (!maps.has(url)) maps.set(url, readSourceMap(url));
  const entry = maps.get(url)?.findEntry(lineNumber, columnNumber);
  if (entry !== undefined && 'originalSource' in entry) return `${entry.originalSource}:${entry.originalLine + 1}`;
  return url === '' ? '' : `${url}:${lineNumber + 1}`;
}

function readSourceMap(url: string): SourceMap | undefined {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  if (!existsSync(`${path}.map`)) return undefined;
  const payload: SourceMapPayload = JSON.parse(readFileSync(`${path}.map`, 'utf8'));
  return new SourceMap(payload);
}

function packageOf(source: string, { functionName, url }: CallFrame): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
  if (inPackage !== undefined && inPackage !== '@sietch/otel') return inPackage;
  const own = /(?:^|\/)src\/([\w-]+)/.exec(source)?.[1];
  if (own !== undefined) return `@sietch/otel ${own}`;
  if (url.startsWith('node:')) return 'node';
  return url === '' ? functionName : 'the workload';
}
