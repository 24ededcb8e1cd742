// Usage: node --require @sietch/otel/register koa.mjs <name of the router's package>. Copied beside the node_modules that it needs.
import Koa from 'koa';
import mount from 'koa-mount';
import run from './koa-service.cjs';

const { default: Router } = await import(process.argv[2]);
await run(Koa, Router, mount);
