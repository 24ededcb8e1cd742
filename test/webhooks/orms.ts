// The ORMs and query builders of docs/queues.md: their packages, from npm into our cache, and the processors of the page.

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';

const run = promisify(execFile);
const PG = '8.23.1';
const PACKAGES = { knex: '3.3.0', kysely: '0.28.19', 'drizzle-orm': '0.44.7', typeorm: '0.3.31', 'reflect-metadata': '0.2.2', pg: PG };
const PRISMA = '6.19.3';

/** The name that the page gives each, and the packages it needs. */
export const ORMS = ['Knex', 'Kysely', 'Drizzle', 'TypeORM', 'Prisma'] as const;
export type Orm = (typeof ORMS)[number];

type Processor = NonNullable<WebhookQueueOptions<{ orderId: string }>['processor']>;

/** The processor of the page's example, loaded where its packages are. */
export async function exampleProcessor(orm: Orm): Promise<Processor> {
  const modules = await (orm === 'Prisma' ? prismaModules() : ormModules());
  const load = new Function('require', `${example(orm)}; return processor;`);
  return load(createRequire(join(modules, 'example.js')));
}

/** The node_modules with Knex, Kysely, Drizzle and TypeORM. */
export function ormModules(): Promise<string> {
  return installedPackages(join(cacheDirectory('orms'), 'knex-kysely-drizzle-typeorm'), PACKAGES);
}

function example(orm: Orm): string {
  const page = readFileSync(join(ROOT, 'docs/queues.md'), 'utf8');
  const code = new RegExp(`\n${orm} \\d[^\n]*:\n\n\`\`\`js[^\n]*\n(.*?)\n\`\`\``, 's').exec(page)?.[1];
  if (code === undefined) throw new Error(`docs/queues.md has no example for ${orm}`);
  return code;
}

function prismaModules(): Promise<string> {
  const dependencies = { prisma: PRISMA, '@prisma/client': PRISMA, '@prisma/adapter-pg': PRISMA, pg: PG };
  return installedPackages(join(cacheDirectory('orms'), `prisma-${PRISMA}`), dependencies, generatePrisma);
}

const SCHEMA = `
generator client {
  provider   = "prisma-client-js"
  engineType = "client"
}
datasource db {
  provider = "postgresql"
  url      = "postgres://unused"
}
model Order {
  id   String  @id
  paid Boolean
  @@map("orders")
}
`;

/** Nothing of Prisma's engines is needed to generate a client without one; named, its binary is not looked for on the network. */
async function generatePrisma(modules: string): Promise<void> {
  const cwd = dirname(modules);
  writeFileSync(join(cwd, 'schema.prisma'), SCHEMA);
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  await run(process.execPath, [join(modules, 'prisma/build/index.js'), 'generate', '--schema', 'schema.prisma'], {
    cwd,
    env,
    timeout: INSTALLING_MS - 60_000,
  });
}
