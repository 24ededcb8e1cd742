// Authentication of scrapers: a bearer token or basic authentication, when the settings ask for
// one.
import { createHash, timingSafeEqual } from 'node:crypto';

export interface AccessSettings {
  readonly bearerToken: string;
  /** `user:password`. */
  readonly basicAuth: string;
}

export interface Access {
  /** Whether the Authorization header is right; takes the same time for every wrong one. */
  allows(authorization: string | undefined): boolean;
  /** Value of WWW-Authenticate. */
  readonly challenge: string;
}

/** `undefined` when no authentication is set. With both a token and a password, either serves. */
export function createAccess({ bearerToken, basicAuth }: AccessSettings): Access | undefined {
  const accepted: Buffer[] = [];
  const challenges: string[] = [];
  if (bearerToken !== '') {
    accepted.push(digest(`bearer ${bearerToken}`));
    challenges.push('Bearer realm="metrics"');
  }
  if (basicAuth !== '') {
    accepted.push(digest(`basic ${Buffer.from(basicAuth).toString('base64')}`));
    challenges.push('Basic realm="metrics", charset="UTF-8"');
  }
  if (accepted.length === 0) return undefined;
  return {
    challenge: challenges.join(', '),
    allows(authorization = '') {
      const given = digest(normalized(authorization));
      return accepted.reduce((allowed, each) => timingSafeEqual(given, each) || allowed, false);
    },
  };
}

/** The scheme is case-insensitive, the credentials are not. */
function normalized(authorization: string): string {
  const match = /^([A-Za-z]+) +(.*)$/.exec(authorization.trim());
  return match === null ? '' : `${match[1]?.toLowerCase()} ${match[2]}`;
}

/** A hash, so that texts of any length compare in equal time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
