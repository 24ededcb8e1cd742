// Usage: node --require @sietch/otel/register test/app/log-lines.cjs <winston | bunyan> <folder of the library>
// Writes lines with each kind of logger, outside of a span and in one; the message says which. See log-lines.mjs.
const { createRequire } = require('node:module');
const [, , name, folder] = process.argv;
const library = createRequire(`${folder}/`)(name);
require('./log-lines/write.cjs').write(name, library);
