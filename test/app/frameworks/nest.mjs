// Usage: node --require @sietch/otel/register nest.mjs <express|fastify>. Copied beside the node_modules that it needs.
import 'reflect-metadata';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import run from './nest-service.cjs';

const { FastifyAdapter } = process.argv[2] === 'fastify' ? await import('@nestjs/platform-fastify') : {};
await run(common, core, FastifyAdapter === undefined ? undefined : new FastifyAdapter());
