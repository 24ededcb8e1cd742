// Usage: node --require @sietch/otel/register hapi.mjs. Copied beside the node_modules that it needs.
import Hapi from '@hapi/hapi';
import run from './hapi-service.cjs';

await run(Hapi);
