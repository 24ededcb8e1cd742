// Walks the steps of a Dockerfile without Docker: in an empty folder, with only what each COPY brings and .dockerignore lets through.

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Walk {
  /** Where its COPY takes from. */
  context: string;
  /** An empty folder for the images: each stage gets one below it that stands for its root. */
  root: string;
}

/** What the last stage leaves. */
export interface Image {
  /** What it is made from. */
  base: string;
  /** The folder that is the last WORKDIR. */
  directory: string;
  env: Record<string, string>;
  user: string | undefined;
  command: string[];
}

/**
 * Carries out every step. Each RUN must stay in its folder: there is no image around it.
 * @throws {Error} when a RUN fails, a COPY finds nothing, or an instruction is not known here.
 */
export async function walkDockerfile(dockerfile: string, { context, root }: Walk): Promise<Image> {
  const isIgnored = readIgnored(join(context, '.dockerignore'));
  const stages = new Map<string, string>();
  let stage = root;
  let image: Image = { base: '', directory: root, env: {}, user: undefined, command: [] };
  for (const [instruction, rest] of readSteps(dockerfile)) {
    if (instruction === 'FROM') {
      stage = join(root, `stage-${stages.size}`);
      const [base = '', , name = String(stages.size)] = rest.split(/\s+/);
      stages.set(name, stage);
      image = { base, directory: makeFolder(stage), env: {}, user: undefined, command: [] };
    } else if (instruction === 'WORKDIR') image.directory = makeFolder(join(stage, rest));
    else if (instruction === 'COPY') copy(rest.split(/\s+/), { context, directory: image.directory, isIgnored, stages });
    else if (instruction === 'RUN')
      await run('sh', ['-c', rest], { cwd: image.directory, env: { ...imageEnv(), ...image.env }, timeout: 600_000 });
    else if (instruction === 'ENV') Object.assign(image.env, readVariables(rest));
    else if (instruction === 'USER') image.user = rest;
    else if (instruction === 'CMD') image.command = readCommand(rest);
    else if (instruction !== 'EXPOSE') throw new Error(`${instruction} is not known here`);
  }
  return image;
}

/** `NAME=value OTHER="some words"`. */
function readVariables(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)=(?:"([^"]*)"|(\S*))/g)];
  return Object.fromEntries(pairs.map(([, name = '', quoted, bare = '']) => [name, quoted ?? bare]));
}

/** Without a shell, hence a list. */
function readCommand(text: string): string[] {
  const command: unknown = JSON.parse(text);
  if (!Array.isArray(command)) throw new Error(`CMD ${text}: expected a list`);
  return command.map(String);
}

function makeFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Instruction and arguments of each step. */
function readSteps(dockerfile: string): [string, string][] {
  const text = readFileSync(dockerfile, 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ');
  return [...text.matchAll(/^\s*([A-Z]+)\s+(.*?)\s*$/gm)].map(([, instruction = '', rest = '']) => [instruction, rest]);
}

interface Copy {
  context: string;
  directory: string;
  isIgnored: (path: string) => boolean;
  /** Roots of the stages so far, by name. */
  stages: ReadonlyMap<string, string>;
}

/** As Docker does it: of a folder its content, of several files each below the target. What .dockerignore names counts for the context only. */
function copy(args: string[], { context, directory, isIgnored, stages }: Copy): void {
  const target = args.pop() ?? '';
  const name = args[0]?.startsWith('--from=') ? args.shift()?.slice('--from='.length) : undefined;
  if (name !== undefined) {
    const stage = stages.get(name);
    if (stage === undefined) throw new Error(`COPY --from=${name}: there is no such stage`);
    for (const source of args) cpSync(join(stage, source), join(directory, target), { recursive: true, verbatimSymlinks: true });
    return;
  }
  for (const source of args) {
    if (source.startsWith('--')) throw new Error(`COPY ${source} is not known here`);
    const from = join(context, source);
    if (!existsSync(from) || isIgnored(source)) throw new Error(`COPY ${source}: not in the build's context`);
    const to = statSync(from).isDirectory() || !target.endsWith('/') ? join(directory, target) : join(directory, target, basename(source));
    cpSync(from, to, { recursive: true, filter: (path) => !isIgnored(relative(context, path)) });
  }
}

/** Patterns count from the root of the context; `**` stands for any number of folders. */
function readIgnored(file: string): (path: string) => boolean {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const patterns = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const unknown = patterns.find((pattern) => /[!?[\]]/.test(pattern));
  if (unknown !== undefined) throw new Error(`${unknown} of .dockerignore is not known here`);
  const expressions = patterns.map((pattern) => {
    const source = pattern.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(?:.*/)?'));
    return new RegExp(`^${source}(?:/|$)`);
  });
  return (path) => expressions.some((expression) => expression.test(path));
}

/** Nothing of the run of the tests; packages come from npm's cache where they can. */
function imageEnv(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, npm_config_prefer_offline: 'true', npm_config_cache: process.env['npm_config_cache'] };
}
