// Usage: node --require @sietch/otel/register test/app/log-lines.mjs <winston | bunyan> <folder of the library>
// Writes lines with each kind of logger, outside of a span and in one; the message says which. See log-lines.cjs.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { write } from './log-lines/write.cjs';

const [, , name, folder] = process.argv;
const { default: library } = await import(pathToFileURL(createRequire(`${folder}/`).resolve(name)).href);
write(name, library);
