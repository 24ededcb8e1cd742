// The programs that people start their apps with, and an app for them: shared by the test and by the script that prints the table.
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';

/** What is done to the app once it is ready. */
export type Act = 'SIGTERM' | 'SIGINT' | 'restart' | 'nothing';

export interface Runner {
  readonly name: string;
  /** Files of the app's folder, beside `service.cjs` and `package.json`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Added to package.json. */
  readonly manifest?: object;
  /** The command line; `bin` is a folder of node_modules/.bin. */
  readonly command: (bin: string) => readonly string[];
  /** The same with the preload given as a flag, where the runner hands flags on to node. Else it comes by NODE_OPTIONS. */
  readonly withFlag?: (bin: string, flag: readonly string[]) => readonly string[];
  readonly acts: readonly Act[];
}

/** Writes what happens to it to the file APP_LOG. `APP_DRAINS` makes it end by itself upon a signal. */
export const SERVICE = `
const { appendFileSync } = require('node:fs');
const tell = (line) => appendFileSync(process.env.APP_LOG, line + '\\n');
const server = require('node:http').createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => tell('ready ' + process.pid));
if (process.env.APP_DRAINS) {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => server.close(() => {
      tell('drained ' + process.pid);
      process.exit(0);
    }));
  }
}
process.on('exit', () => tell('exit ' + process.pid));
`;

const TS = { 'app.ts': "require('./service.cjs');\nexport {};\n" };
const MTS = { 'app.mts': "import './service.cjs';\nconst typed: number = 1;\nvoid typed;\n" };
const JS = { 'app.cjs': "require('./service.cjs');\n" };
const SCRIPT = { scripts: { start: 'node app.cjs', many: 'npm run start' } };
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const WATCHER = [...SIGNALS, 'restart'] as const;
/** A test that waits for its end, as the file of each test runner. */
const ENDLESS = "  require('./service.cjs');\n  await new Promise((resolve) => setTimeout(resolve, 60_000));\n";
const PASSING = "  require('node:http').createServer().close();\n";
const suite = (body: string) => `test('a test', async () => {\n${body}}, 70_000);\n`;
const mocha = (body: string) => `it('a test', async function () {\n  this.timeout(70_000);\n${body}});\n`;
const vitest = (body: string) =>
  `import { createRequire } from 'node:module';\nimport { test } from 'vitest';\nconst require = createRequire(import.meta.url);\n${suite(body)}`;

/** What the repository has itself, or Node. */
export const OWN_RUNNERS: readonly Runner[] = [
  {
    name: 'tsx app.ts (CommonJS)',
    files: TS,
    command: (bin) => [join(bin, 'tsx'), 'app.ts'],
    withFlag: (bin, flag) => [join(bin, 'tsx'), ...flag, 'app.ts'],
    acts: SIGNALS,
  },
  {
    name: 'tsx app.mts (ES module)',
    files: MTS,
    command: (bin) => [join(bin, 'tsx'), 'app.mts'],
    withFlag: (bin, flag) => [join(bin, 'tsx'), ...flag, 'app.mts'],
    acts: SIGNALS,
  },
  { name: 'tsx watch app.ts', files: TS, command: (bin) => [join(bin, 'tsx'), 'watch', 'app.ts'], acts: WATCHER },
  {
    name: 'node --import tsx app.ts',
    files: TS,
    command: () => ['node', '--import', join(ROOT, 'node_modules/tsx/dist/loader.mjs'), 'app.ts'],
    withFlag: (_bin, flag) => ['node', ...flag, '--import', join(ROOT, 'node_modules/tsx/dist/loader.mjs'), 'app.ts'],
    acts: SIGNALS,
  },
  {
    name: 'node --watch app.cjs',
    files: JS,
    command: () => ['node', '--watch', 'app.cjs'],
    withFlag: (_bin, flag) => ['node', ...flag, '--watch', 'app.cjs'],
    acts: WATCHER,
  },
  { name: 'npm start', files: JS, manifest: SCRIPT, command: () => ['npm', 'start'], acts: SIGNALS },
  { name: 'npm run many (npm in npm)', files: JS, manifest: SCRIPT, command: () => ['npm', 'run', 'many'], acts: SIGNALS },
  { name: 'vitest', files: { 'a.test.mjs': vitest(ENDLESS) }, command: (bin) => [join(bin, 'vitest'), 'run'], acts: SIGNALS },
  {
    name: 'vitest, a passing test',
    files: { 'a.test.mjs': vitest(PASSING) },
    command: (bin) => [join(bin, 'vitest'), 'run'],
    acts: ['nothing'],
  },
  {
    name: 'vitest, a failing test',
    files: { 'a.test.mjs': vitest("  throw new Error('x');\n") },
    command: (bin) => [join(bin, 'vitest'), 'run'],
    acts: ['nothing'],
  },
];

const TSCONFIG = {
  'tsconfig.json':
    '{"compilerOptions":{"module":"commonjs","target":"es2022","strict":false,"types":["node"]},"ts-node":{"transpileOnly":true}}',
};
const inNode = (bin: string, program: string): string => join(bin, '..', program);

/** What runner-table.ts installs. */
export const OTHER_RUNNERS: readonly Runner[] = [
  {
    name: 'node app.cjs',
    files: JS,
    command: () => ['node', 'app.cjs'],
    withFlag: (_bin, flag) => ['node', ...flag, 'app.cjs'],
    acts: SIGNALS,
  },
  { name: 'ts-node app.ts', files: { ...TS, ...TSCONFIG }, command: (bin) => [join(bin, 'ts-node'), 'app.ts'], acts: SIGNALS },
  {
    name: 'node -r ts-node/register app.ts',
    files: { ...TS, ...TSCONFIG },
    command: (bin) => ['node', '-r', inNode(bin, 'ts-node/register'), 'app.ts'],
    withFlag: (bin, flag) => ['node', ...flag, '-r', inNode(bin, 'ts-node/register'), 'app.ts'],
    acts: SIGNALS,
  },
  { name: 'ts-node-dev app.ts', files: { ...TS, ...TSCONFIG }, command: (bin) => [join(bin, 'ts-node-dev'), 'app.ts'], acts: WATCHER },
  { name: 'nodemon app.cjs', files: JS, command: (bin) => [join(bin, 'nodemon'), 'app.cjs'], acts: WATCHER },
  { name: 'concurrently', files: JS, command: (bin) => [join(bin, 'concurrently'), 'node app.cjs'], acts: SIGNALS },
  {
    name: 'concurrently -k',
    files: JS,
    command: (bin) => [join(bin, 'concurrently'), '-k', 'node app.cjs', 'npm:start'],
    manifest: SCRIPT,
    acts: SIGNALS,
  },
  { name: 'cross-env', files: JS, command: (bin) => [join(bin, 'cross-env'), 'A=1', 'node', 'app.cjs'], acts: SIGNALS },
  { name: 'dotenv', files: JS, command: (bin) => [join(bin, 'dotenv'), '--', 'node', 'app.cjs'], acts: SIGNALS },
  { name: 'run-p', files: JS, manifest: SCRIPT, command: (bin) => [join(bin, 'run-p'), 'start'], acts: SIGNALS },
  {
    name: 'pnpm start',
    files: JS,
    manifest: SCRIPT,
    command: (bin) => ['node', inNode(bin, 'pnpm10/bin/pnpm.cjs'), 'start'],
    acts: SIGNALS,
  },
  { name: 'yarn start (1)', files: JS, manifest: SCRIPT, command: (bin) => [join(bin, 'yarn'), 'start'], acts: SIGNALS },
  { name: 'dumb-init node', files: JS, command: () => ['dumb-init', 'node', 'app.cjs'], acts: SIGNALS },
  { name: 'pm2-runtime (fork)', files: JS, command: (bin) => [join(bin, 'pm2-runtime'), 'start', 'app.cjs'], acts: SIGNALS },
  {
    name: 'pm2-runtime -i 2 (cluster)',
    files: JS,
    command: (bin) => [join(bin, 'pm2-runtime'), 'start', 'app.cjs', '-i', '2'],
    acts: SIGNALS,
  },
  { name: 'jest', files: { 'a.test.js': suite(ENDLESS) }, command: (bin) => [join(bin, 'jest')], acts: SIGNALS },
  { name: 'jest, a passing test', files: { 'a.test.js': suite(PASSING) }, command: (bin) => [join(bin, 'jest')], acts: ['nothing'] },
  {
    name: 'jest in workers, passing and failing',
    files: { 'a.test.js': suite(PASSING), 'b.test.js': suite("  throw new Error('x');\n") },
    command: (bin) => [join(bin, 'jest'), '-w', '2'],
    acts: ['nothing'],
  },
  { name: 'mocha', files: { 'a.test.js': mocha(ENDLESS) }, command: (bin) => [join(bin, 'mocha'), 'a.test.js'], acts: SIGNALS },
  {
    name: 'mocha, a passing test',
    files: { 'a.test.js': mocha(PASSING) },
    command: (bin) => [join(bin, 'mocha'), 'a.test.js'],
    acts: ['nothing'],
  },
  {
    name: 'mocha --parallel',
    files: { 'a.test.js': mocha(PASSING), 'b.test.js': mocha("  throw new Error('x');\n") },
    command: (bin) => [join(bin, 'mocha'), '--parallel', 'a.test.js', 'b.test.js'],
    acts: ['nothing'],
  },
];
