// Usage: node --require ./dist/register.js test/app/circuit-opens.cjs
// Opens a breaker and has nothing more to do.
const CircuitBreaker = require('opossum');

new CircuitBreaker(async () => 1, { name: 'paddle' }).open();
