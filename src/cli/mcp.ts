// `sietch-otel mcp`: serves what the viewer has received to coding agents, by the Model Context
// Protocol over stdin and stdout.

import { isIP } from 'node:net';
import { join } from 'node:path';
import { DISTRO_VERSION } from '../sdk/version.js';
import { type Command, parseArguments, UsageError } from './command.js';

const DEFAULT_URL = 'http://127.0.0.1:4318';
const USAGE = `Usage: sietch-otel mcp [options]

Serves the traces, log records and processes of a running \`sietch-otel view\` to coding agents, by the Model Context Protocol
over stdin and stdout. It only reads, and only from a viewer on this machine.

  --url <url>   address of the viewer (default ${DEFAULT_URL})
  --help, --version

In the configuration of an agent: {"mcpServers": {"sietch-otel": {"command": "npx", "args": ["sietch-otel", "mcp"]}}}
`;

export const mcp: Command = async (argv) => {
  const options = { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseArguments(argv, USAGE, { options });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const url = readUrl(values.url ?? DEFAULT_URL);
  const { serve } = loadServer();
  await serve(url, DISTRO_VERSION);
  return 0;
};

/** A file beside the bundle: it has the SDK of the protocol, which nothing else needs. */
function loadServer(): typeof import('./mcp/mcp-server.js') {
  return require(join(__dirname, 'mcp-server.js'));
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') throw new UsageError('Expected `--url` to be a URL that begins with http://');
  if (!isLoopback(url.hostname))
    throw new UsageError(`Expected \`--url\` to be a viewer on this machine, got the host ${JSON.stringify(url.hostname)}`);
  return url;
}

function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  return host === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}
