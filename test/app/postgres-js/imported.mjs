// Usage: node --require @sietch/otel/register imported.mjs postgres://… [form …]
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import forms from './forms.cjs';

await forms.run(postgres, dirname(fileURLToPath(import.meta.url)));
