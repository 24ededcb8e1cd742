// Usage: node --require @sietch/otel/register nest.cjs <express|fastify>. Copied beside the node_modules that it needs.
require('reflect-metadata');
const common = require('@nestjs/common');
const core = require('@nestjs/core');
const run = require('./nest-service.cjs');

void run(common, core, process.argv[2] === 'fastify' ? new (require('@nestjs/platform-fastify').FastifyAdapter)() : undefined);
