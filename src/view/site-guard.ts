// Decides who may use the viewer's pages and API: nobody may from another web site.

import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { TOKEN_HEADER } from './api.js';
import { Refusal } from './refusal.js';

const WRONG_HOST = 'this host name is not served here: open the page by an IP address, or start the viewer with --host and this name';

/**
 * Not for senders. The pages must be protected: a web site that points its own name at this address
 * (DNS rebinding) could read them.
 * @throws {Refusal}
 */
export function checkHost({ headers }: IncomingMessage, allowedHosts: readonly string[]): void {
  const host = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
  // A web site cannot have an address for a name.
  const isAddress = isIP(host.replace(/^\[|\]$/g, '')) !== 0;
  const isOurs =
    isAddress || host === 'localhost' || host.endsWith('.localhost') || allowedHosts.some((name) => name.toLowerCase() === host);
  if (!isOurs) throw new Refusal(403, WRONG_HOST);
}

/**
 * What changes something is done for our own page only, which knows the token.
 * @throws {Refusal}
 */
export function checkPost({ headers }: IncomingMessage, token: string): void {
  const origin = headers.origin;
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== headers.host)) {
    throw new Refusal(403, 'requests of other web sites are refused');
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') throw new Refusal(403, 'requests of other web sites are refused');
  if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw new Refusal(415, 'unsupported content type: send application/json');
  }
  const given = Buffer.from(String(headers[TOKEN_HEADER] ?? ''));
  const wanted = Buffer.from(token);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new Refusal(403, `the header ${TOKEN_HEADER} does not have the token of the page: load the page again`);
  }
}

/**
 * What is of this machine, not of what was received, is for who is on it.
 * @throws {Refusal}
 */
export function checkLocal({ socket }: IncomingMessage): void {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (!address.startsWith('127.') && address !== '::1') throw new Refusal(403, 'this is answered to clients on the same machine only');
}
