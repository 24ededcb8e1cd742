import { expect, test } from 'vitest';
import { programPath, readPm2Process, unpackPm2Variables } from '../../../src/sdk/resource/pm2.ts';

test('what PM2 says is read; nothing else is taken for it', () => {
  expect(readPm2Process({})).toBeUndefined();
  expect(readPm2Process({ pm2_env: 'x' })).toBeUndefined();
  expect(readPm2Process({ pm2_env: '1' })).toBeUndefined();
  expect(readPm2Process({ pm2_env: '{"name":"shop","NODE_APP_INSTANCE":2,"pm_id":5}' })).toMatchObject({ app: 'shop', number: '2' });
  expect(readPm2Process({ pm2_env: '{"name":"shop","pm_id":5}' })).toMatchObject({ app: 'shop', number: '5' });
});

test('of the packed variables ours are unpacked, as text', () => {
  const packed = { OTEL_SERVICE_NAME: 'shop', SIETCH_OTEL_REDIS_SLOW_MS: 50, DATABASE_URL: 'secret', env: {}, OTEL_X: { deep: true } };
  const env: Record<string, string | undefined> = { PATH: '/bin', OTEL_SERVICE_NAME: 'of PM2', pm2_env: JSON.stringify(packed) };
  unpackPm2Variables(env);
  expect(env).toEqual({ PATH: '/bin', OTEL_SERVICE_NAME: 'shop', SIETCH_OTEL_REDIS_SLOW_MS: '50', pm2_env: JSON.stringify(packed) });
});

test.for([
  ['the one that node was told', {}, '/srv/app.js', '/srv/app.js'],
  ['none', {}, undefined, undefined],
  ['cluster mode', { pm2_env: '{"pm_exec_path":"/srv/app.js"}' }, '/usr/lib/node_modules/pm2/lib/ProcessContainer.js', '/srv/app.js'],
  ['fork mode', { pm_exec_path: '/srv/app.js' }, '/usr/lib/node_modules/pm2/lib/ProcessContainerFork.js', '/srv/app.js'],
  ['a process that an app of PM2 has started', { pm_exec_path: '/srv/app.js' }, '/srv/job.js', '/srv/job.js'],
] as const)('program: %s', ([, env, script, expected]) => {
  expect(programPath(env, script === undefined ? ['node'] : ['node', script])).toBe(expected);
});
