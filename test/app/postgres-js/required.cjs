// Usage: node --require @sietch/otel/register required.cjs postgres://… [form …]
const postgres = require('postgres');
const { run } = require('./forms.cjs');

run(postgres, __dirname);
