// As other-runtime.cjs, its libraries imported.
import express from 'express';
import { Redis } from 'ioredis';
import pg from 'pg';
import { pino } from 'pino';
import { serve } from './other-runtime-routes.cjs';

serve({
  app: express(),
  pool: new pg.Pool({ connectionString: process.env.DATABASE_URL }),
  redis: new Redis(process.env.REDIS_URL),
  logger: pino(),
});
