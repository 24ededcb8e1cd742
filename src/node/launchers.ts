// Recognises launchers, programs that only start others: package managers, runners, our own
// command. Under NODE_OPTIONS they have the preload too, and must not take the app's name, its
// metrics port or a connection to the collector. They are not observed; what they start is.
import { basename, extname, join } from 'node:path';

/** Their commands: links without an extension, in node_modules/.bin or on PATH. */
const COMMANDS = [
  ...['npm', 'npx', 'yarn', 'yarnpkg', 'pnpm', 'pnpx', 'corepack'],
  ...['tsx', 'nodemon', 'ts-node-dev', 'tsnd', 'concurrently', 'conc', 'npm-run-all', 'npm-run-all2', 'run-p', 'run-s'],
  ...['cross-env', 'cross-env-shell', 'dotenv', 'dotenvx', 'env-cmd', 'lerna', 'nx', 'turbo', 'husky', 'lint-staged'],
  ...['pm2', 'pm2-dev', 'pm2-docker', 'pm2-runtime', 'sietch-otel'],
];

/** The files behind them, where they are started by path: on Windows, and by one another. */
const FILES =
  /\/(npm\/bin\/np[mx]-cli|corepack\/dist\/\w+|yarn[^/]*\/(bin\/)?yarn(pkg)?|\.yarn\/releases\/yarn-[^/]+|pnpm[^/]*\/([^/]+\/)?(bin|dist)\/pnp[mx]|(tsx|dotenv-cli|lerna)\/(dist\/)?cli|nodemon\/bin\/nodemon|ts-node-dev\/lib\/bin|(concurrently|cross-env)\/(dist|src)\/bin\/[\w-]+|npm-run-all2?\/bin\/[\w-]+\/index|pm2\/lib\/Daemon|@sietch\/otel\/dist\/cli\/main)\.[cm]?js$/;

/** @param script path of the program */
export function isLauncher(script: string | undefined, flags: readonly string[] = process.execArgv): boolean {
  if (isTestCoordinator(flags)) return true;
  if (script === undefined) return false;
  if (extname(script) === '') return COMMANDS.includes(basename(script));
  return FILES.test(script.replaceAll('\\', '/')) || script === join(__dirname, 'cli', 'main.js');
}

/** `node --test` runs each file in a process of its own, which has the variable. */
function isTestCoordinator(flags: readonly string[]): boolean {
  return (
    flags.includes('--test') && process.env['NODE_TEST_CONTEXT'] === undefined && !flags.some((flag) => flag.endsWith('isolation=none'))
  );
}
