// Usage: REDIS_URL=redis://… DATABASE_URL=postgres://… node --require ./dist/register.js test/app/queue-jobs.cjs life
const bull = require('bullmq');
const { Redis } = require('ioredis');
const pg = require('pg');
const api = require('@opentelemetry/api');
const { run } = require('./queue-scenarios.cjs');

run({ bull, Redis, pg, api }, process.argv[2]);
