// Usage: REDIS_URL=redis://… DATABASE_URL=postgres://… <node, bun or deno with the preload> test/app/other-runtime.cjs
// A service on Express with pg, ioredis and pino. Prints its port; ends at SIGTERM. See other-runtime.mjs.
//   GET /orders/:id   200: one statement, one command, one log line, one `fetch` of /stock/:id
//   GET /stock/:id    200
const express = require('express');
const { Pool } = require('pg');
const { Redis } = require('ioredis');
const { pino } = require('pino');
const { serve } = require('./other-runtime-routes.cjs');

serve({
  app: express(),
  pool: new Pool({ connectionString: process.env.DATABASE_URL }),
  redis: new Redis(process.env.REDIS_URL),
  logger: pino(),
});
