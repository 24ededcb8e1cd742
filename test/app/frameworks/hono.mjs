// Usage: node --require @sietch/otel/register hono.mjs. Copied beside the node_modules that it needs.
import * as adapter from '@hono/node-server';
import * as hono from 'hono';
import run from './hono-service.cjs';

await run(hono, adapter);
