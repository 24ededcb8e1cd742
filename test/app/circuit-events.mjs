// Usage: node test/app/circuit-events.mjs
// The same as circuit-events.cjs, in an ES module.
import CircuitBreaker from 'opossum';
import run from './circuit-events.cjs';

await run(CircuitBreaker);
process.exit();
