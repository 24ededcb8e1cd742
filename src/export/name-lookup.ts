// Looks up the collector's address with a deadline. Node asks the system (getaddrinfo) in a thread
// that nothing can stop: while a name server does not answer, the process cannot end, not even by
// process.exit(), usually for ten seconds. So name servers are asked here first, and the system
// only for names that they do not know.
import type { LookupAddress, LookupOptions } from 'node:dns';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;
export type Lookup = (hostname: string, options: LookupOptions, answer: Answer) => void;

export interface LookupConfig {
  /** Longest that name servers are waited for, in ms. */
  readonly timeoutMs: number;
  /** For tests. Default: those of the system. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  readonly resolverFile?: string;
}

/** The default of SIETCH_OTEL_SHUTDOWN_MS. A lost packet is sent again after half of it. */
const TIMEOUT_MS = 1000;

export const lookupCollector: Lookup = createLookup({ timeoutMs: TIMEOUT_MS });

/** A `lookup` for node:net. */
export function createLookup(config: LookupConfig): Lookup {
  return (hostname, options, answer) => {
    const dns: typeof import('node:dns') = require('node:dns');
    const askSystem = () => dns.lookup(hostname, options, answer);
    if (process.platform !== 'linux' || isIP(hostname) !== 0 || isInHosts(hostname, config.hostsFile)) return askSystem();
    askServers(hostname, config).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) askSystem();
        else if (options.all === true) answer(null, addresses);
        else answer(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => answer(error, ''),
    );
  };
}

/**
 * None when the servers do not know the name, or cannot be asked.
 * @throws ETIMEOUT when they do not answer.
 */
async function askServers(hostname: string, { timeoutMs, servers, resolverFile }: LookupConfig): Promise<LookupAddress[]> {
  const { Resolver }: typeof import('node:dns/promises') = require('node:dns/promises');
  const resolver = new Resolver({ timeout: timeoutMs / 2, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    resolver.cancel();
  }, timeoutMs);
  timer.unref();
  try {
    for (const name of candidates(hostname, resolverFile)) {
      const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      if (late || isTimeout(v4)) throw Object.assign(new Error('name servers do not answer'), { code: 'ETIMEOUT' });
      const found = [...addressesOf(v4, 4), ...addressesOf(v6, 6)];
      if (found.length > 0) return found;
    }
    return [];
  } finally {
    clearTimeout(timer);
  }
}

function addressesOf(result: PromiseSettledResult<string[]>, family: number): LookupAddress[] {
  return result.status === 'fulfilled' ? result.value.map((address) => ({ address, family })) : [];
}

function isTimeout(result: PromiseSettledResult<string[]>): boolean {
  return result.status === 'rejected' && result.reason.code === 'ETIMEOUT';
}

/**
 * The name with the domains of `search`, as resolv.conf(5) has it: Kubernetes finds
 * `otel-collector` so.
 */
function candidates(hostname: string, file = '/etc/resolv.conf'): string[] {
  if (hostname.endsWith('.')) return [hostname.slice(0, -1)];
  const text = read(file);
  const domains = /^search\s+(.+)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  const enoughDots = Number(/^options\b.*\bndots:(\d+)/m.exec(text)?.[1] ?? 1);
  const longer = domains.map((domain) => `${hostname}.${domain}`);
  return hostname.split('.').length > enoughDots ? [hostname, ...longer] : [...longer, hostname];
}

function isInHosts(hostname: string, file = '/etc/hosts'): boolean {
  if (hostname === 'localhost') return true;
  return read(file)
    .split('\n')
    .some((line) => line.replace(/#.*/, '').split(/\s+/).slice(1).includes(hostname));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
