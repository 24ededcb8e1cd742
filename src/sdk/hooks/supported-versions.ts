// Versions of the libraries that are observed: one table for the instrumentations, the warning and
// the doctor.

interface Range {
  readonly from: string;
  readonly belowMajor: number;
}

/**
 * Not in package.json: npm takes an optional peer with a range for a demand, and an app with
 * another major version could not install this package.
 */
export const SUPPORTED = {
  // Earlier ones end the process at the first response on Node 16 and later.
  '@hapi/hapi': { from: '20.1.2', belowMajor: 22 },
  '@koa/router': { from: '8.0.0', belowMajor: 16 },
  '@nestjs/core': { from: '8.0.0', belowMajor: 13 },
  bull: { from: '4.0.0', belowMajor: 5 },
  '@node-redis/client': { from: '1.0.0', belowMajor: 2 },
  '@redis/client': { from: '1.1.0', belowMajor: 7 },
  bullmq: { from: '5.13.0', belowMajor: 7 },
  bunyan: { from: '1.8.0', belowMajor: 3 },
  express: { from: '4.0.0', belowMajor: 6 },
  fastify: { from: '4.10.0', belowMajor: 6 },
  hono: { from: '4.0.0', belowMajor: 5 },
  ioredis: { from: '4.27.0', belowMajor: 7 },
  'koa-router': { from: '7.0.0', belowMajor: 15 },
  opossum: { from: '8.0.0', belowMajor: 11 },
  pg: { from: '8.0.3', belowMajor: 9 },
  'pg-boss': { from: '9.0.0', belowMajor: 13 },
  redis: { from: '4.0.0', belowMajor: 7 },
  pino: { from: '5.14.0', belowMajor: 11 },
  postgres: { from: '3.1.0', belowMajor: 4 },
  undici: { from: '5.12.0', belowMajor: 9 },
  winston: { from: '3.0.0', belowMajor: 4 },
} as const satisfies Readonly<Record<string, Range>>;

export type Library = keyof typeof SUPPORTED;

export function isLibrary(name: string): name is Library {
  return Object.hasOwn(SUPPORTED, name);
}

/** The range in the form that instrumentations take. */
export function supportedRange(name: Library): string {
  const { from, belowMajor } = SUPPORTED[name];
  return `>=${from} <${belowMajor}`;
}

export function isSupported(name: Library, version: string): boolean {
  const { from, belowMajor } = SUPPORTED[name];
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const [fromMajor = 0, fromMinor = 0, fromPatch = 0] = from.split('.').map(Number);
  if (major >= belowMajor || major < fromMajor) return false;
  return major > fromMajor || minor > fromMinor || (minor === fromMinor && patch >= fromPatch);
}
