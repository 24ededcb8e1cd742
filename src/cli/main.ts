#!/usr/bin/env node
// The command `sietch-otel`: finds the subcommand and loads it alone.

import { DISTRO_NAME, DISTRO_VERSION } from '../sdk/version.js';
import { type Command, EXIT_USAGE, UsageError } from './command.js';

interface Subcommand {
  /** One line for the help. */
  readonly summary: string;
  load(): Promise<Command>;
}

/** "Add a subcommand" = one line here. */
const subcommands: Readonly<Record<string, Subcommand>> = {
  dlq: { summary: 'list, show, replay and remove dead letters of a WebhookQueue', load: async () => (await import('./dlq.js')).dlq },
  doctor: { summary: 'find out why telemetry does not arrive', load: async () => (await import('./doctor.js')).doctor },
  mcp: { summary: 'let coding agents read what the viewer has received', load: async () => (await import('./mcp.js')).mcp },
  now: { summary: 'show what preloaded processes do at this moment', load: async () => (await import('./now.js')).now },
  profile: {
    summary: 'take a CPU profile or a heap snapshot of a running process',
    load: async () => (await import('./profile.js')).profile,
  },
  view: { summary: 'receive telemetry on this machine and show its traces', load: async () => (await import('./view.js')).view },
  whowrote: { summary: 'find the trace that wrote a key of Redis', load: async () => (await import('./whowrote.js')).whowrote },
};

const HELP_FLAGS = ['--help', '-h', 'help'];
const VERSION_FLAGS = ['--version', '-v'];

async function run([name, ...rest]: readonly string[]): Promise<number> {
  if (name !== undefined && HELP_FLAGS.includes(name)) {
    const [about] = rest;
    if (about !== undefined && !about.startsWith('-')) return run([about, '--help']);
    process.stdout.write(help());
    return 0;
  }
  if (name !== undefined && VERSION_FLAGS.includes(name)) return printVersion();
  const subcommand = name !== undefined && Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (subcommand === undefined) {
    process.stderr.write(`${name === undefined ? '' : `sietch-otel: unknown command ${JSON.stringify(name)}\n\n`}${help()}`);
    return EXIT_USAGE;
  }
  if (rest[0] !== undefined && VERSION_FLAGS.includes(rest[0])) return printVersion();
  const command = await subcommand.load();
  return command(rest);
}

function printVersion(): number {
  process.stdout.write(`${DISTRO_VERSION}\n`);
  return 0;
}

function help(): string {
  const width = Math.max(...Object.keys(subcommands).map((name) => name.length));
  const lines = Object.entries(subcommands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `${DISTRO_NAME} ${DISTRO_VERSION}

Usage: sietch-otel <command> [options]

${lines.join('\n')}

sietch-otel help <command> prints its options; --version prints the version.
`;
}

// Whoever reads the output has enough of it, as `head` has.
process.stdout.on('error', (error) => {
  if (!('code' in error && error.code === 'EPIPE')) throw error;
  process.exit();
});

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`sietch-otel: ${message}\n`);
    process.exitCode = error instanceof UsageError ? EXIT_USAGE : 1;
  },
);
