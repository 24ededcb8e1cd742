// A NestJS 11 application, whose modules @nestjs/bullmq and @nestjs/typeorm are ES modules that it loads by `require()`: one trace from the request to the job.
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'vitest';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { expectWebhook, NEST_PACKAGES } from './webhook-request.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

test.each(['20', '24'] as const)('Node %s', { timeout: INSTALLING_MS }, async (major) => {
  const modules = await installedPackages(join(cacheDirectory('nest'), '11.2.10'), NEST_PACKAGES);
  const file = join(dirname(modules), 'nest-service.cjs');
  copyFileSync(join(ROOT, 'test/app/nest-service.cjs'), file);
  await expectWebhook(file, await nodeBinary(major), receiver);
});
