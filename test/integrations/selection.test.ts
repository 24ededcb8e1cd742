// Which integrations the names in upstream's lists and variables switch on and off.
import { expect, test } from 'vitest';
import { isIntegrationOn } from '../../src/integrations/selection.js';

const NAMES = ['http', 'redis', 'node-redis', 'queue'];
const NONE = { enabled: [], disabledInstrumentations: [] };

test.each([
  [{ disabledInstrumentations: ['redis'] }, ['http', 'queue']],
  [{ disabledInstrumentations: ['ioredis'] }, ['http', 'node-redis', 'queue']],
  [{ disabledInstrumentations: ['node-redis'] }, ['http', 'redis', 'queue']],
  [{ disabledInstrumentations: ['express'] }, NAMES],
  [{ disabledInstrumentations: ['http'] }, ['redis', 'node-redis', 'queue']],
  [{ enabled: ['redis'] }, ['redis', 'node-redis']],
  [{ enabled: ['ioredis', 'express'] }, ['http', 'redis']],
])('%j: %j', (lists, on) => {
  expect(NAMES.filter((name) => isIntegrationOn(name, { ...NONE, ...lists }, {}))).toEqual(on);
});

test.each([
  ['OTEL_INSTRUMENTATION_REDIS_ENABLED', ['http', 'queue']],
  ['OTEL_INSTRUMENTATION_IOREDIS_ENABLED', ['http', 'node-redis', 'queue']],
  ['OTEL_INSTRUMENTATION_NODE_REDIS_ENABLED', ['http', 'redis', 'queue']],
])('%s=false: %j', (name, on) => {
  expect(NAMES.filter((each) => isIntegrationOn(each, NONE, { [name]: 'false' }))).toEqual(on);
});
