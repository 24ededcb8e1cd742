// Usage: REDIS_URL=redis://… DATABASE_URL=postgres://… node --require ./dist/register.js test/app/queue-jobs.mjs life

import * as api from '@opentelemetry/api';
import * as bull from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { run } from './queue-scenarios.cjs';

run({ bull, Redis, pg, api }, process.argv[2]);
