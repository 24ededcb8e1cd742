// Usage: REDIS_URL=redis://… DATABASE_URL=postgres://… node --require @sietch/otel/register test/app/required-es-module.cjs [import] [pino first]
// A CommonJS program whose ES module uses the libraries; it is loaded by `require()`, or by `import()`.
if (process.argv.includes('pino first')) require('pino');
const loaded = process.argv.includes('import') ? import('./required-es-module.mjs') : Promise.resolve(require('./required-es-module.mjs'));
void loaded.then(({ run }) => run(process.env.REDIS_URL, process.env.DATABASE_URL));
