// Loads libraries before the distribution is there.
// Usage: node --require ./test/app/api-late.cjs --require ../../dist/register.js -e 0
require('pg');
require('pino');
