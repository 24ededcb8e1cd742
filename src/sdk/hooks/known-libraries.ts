// Libraries that we do not observe ourselves, and what does: one table for the instrumentations
// that are taken from the app, and for what the doctor says of libraries that nothing observes.

export interface KnownLibrary {
  /** The package, or packages by `prefix*`. */
  readonly name: string;
  /** The instrumentation, to be installed in the app; undefined where we know of none. */
  readonly instrumentation?: string;
  /** Packages that the instrumentation patches, where they are not the library itself. */
  readonly modules?: readonly string[];
  /** Another way to observe it. */
  readonly hint?: string;
  /** Its calls are seen in what it is built on, with or without an instrumentation of its own. */
  readonly isSeenBelow?: true;
}

const upstream = (name: string, short = name): KnownLibrary => ({ name, instrumentation: `@opentelemetry/instrumentation-${short}` });
const seenBelow = (library: KnownLibrary): KnownLibrary => ({ ...library, isSeenBelow: true });

/**
 * Names and modules as of July 2026; a package that is added here is used, and named, from then on.
 */
export const KNOWN_LIBRARIES: readonly KnownLibrary[] = [
  upstream('amqplib'),
  upstream('cassandra-driver'),
  upstream('@grpc/grpc-js', 'grpc'),
  upstream('kafkajs'),
  upstream('memcached'),
  upstream('mongodb'),
  upstream('mysql'),
  upstream('mysql2'),
  upstream('oracledb'),
  upstream('socket.io'),
  upstream('tedious'),
  { name: '@prisma/client', instrumentation: '@prisma/instrumentation' },
  // Their calls are requests, statements and functions that are seen without them.
  seenBelow({
    name: '@aws-sdk/client-*',
    instrumentation: '@opentelemetry/instrumentation-aws-sdk',
    modules: [
      'aws-sdk',
      '@aws-sdk/middleware-stack',
      '@aws-sdk/smithy-client',
      '@smithy/middleware-stack',
      '@smithy/smithy-client',
      '@smithy/core',
    ],
  }),
  seenBelow(upstream('@hapi/hapi', 'hapi')),
  seenBelow(upstream('@nestjs/core', 'nestjs-core')),
  seenBelow(upstream('connect')),
  seenBelow(upstream('dataloader')),
  seenBelow(upstream('generic-pool')),
  seenBelow(upstream('graphql')),
  seenBelow(upstream('knex')),
  seenBelow(upstream('koa')),
  seenBelow(upstream('lru-memoizer')),
  seenBelow(upstream('mongoose')),
  seenBelow(upstream('openai')),
  seenBelow(upstream('restify')),
  seenBelow(upstream('router')),
  seenBelow({ name: '@elastic/elasticsearch', hint: 'from 8.15 on it makes spans itself' }),
  // No instrumentation that we know of.
  { name: '@confluentinc/kafka-javascript' },
  { name: '@google-cloud/pubsub', hint: 'new PubSub({ enableOpenTelemetryTracing: true })' },
  { name: 'better-sqlite3' },
  { name: 'couchbase' },
  { name: 'memjs' },
  { name: 'mqtt' },
  { name: 'nats' },
  { name: 'neo4j-driver' },
  { name: 'node-rdkafka' },
  { name: 'nodemailer' },
  { name: 'sqlite3' },
  { name: 'ws' },
];

/** The packages whose loading makes the instrumentation. */
export function modulesOf({ name, modules }: KnownLibrary): readonly string[] {
  return modules ?? [name];
}

/** The library that a package is. */
export function knownLibrary(packageName: string): KnownLibrary | undefined {
  byName ??= new Map(KNOWN_LIBRARIES.map((library) => [library.name, library]));
  return byName.get(packageName) ?? byName.get(packageName.replace(/-[^/]*$/, '-*'));
}

let byName: Map<string, KnownLibrary> | undefined;
