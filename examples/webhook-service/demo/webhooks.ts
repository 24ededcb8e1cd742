// The webhooks of the demo: what Paddle would send on an ordinary bad day.
import { randomBytes } from 'node:crypto';
import type { PaddleMood } from './paddle.ts';

export interface DemoWebhook {
  readonly id: string;
  readonly type: string;
  readonly customerId: string;
  readonly traceId: string;
  readonly what: string;
}

export interface DemoWave {
  readonly title: string;
  readonly paddle: PaddleMood;
  readonly webhooks: readonly DemoWebhook[];
}

let count = 0;

function webhook(what: string, type: string, customerId = `ctm_${(count % 20) + 1}`): DemoWebhook {
  count += 1;
  return { id: `evt_${count}`, type, customerId, traceId: randomBytes(16).toString('hex'), what };
}

const times = (n: number, make: () => DemoWebhook) => Array.from({ length: n }, make);

/** 20 webhooks in three waves. */
export function demoWaves(): readonly DemoWave[] {
  return [
    {
      title: '12 webhooks on a good day, 2 of them with a slow query',
      paddle: 'well',
      webhooks: [...times(10, () => webhook('fast', 'payment.completed')), ...times(2, () => webhook('slow query', 'report.requested'))],
    },
    {
      title: '2 webhooks for a customer that is not there: 3 retries each, then dead',
      paddle: 'well',
      webhooks: times(2, () => webhook('failing', 'payment.completed', 'ctm_missing')),
    },
    {
      title: '6 webhooks while Paddle is down: the circuit opens, the fallback answers',
      paddle: 'failing',
      webhooks: times(6, () => webhook('Paddle down', 'subscription.updated')),
    },
  ];
}

/** Sends a webhook as Paddle would; resolves with the trace id that the service answered with. */
export async function send(serviceUrl: string, { id, type, customerId, traceId }: DemoWebhook): Promise<string> {
  const response = await fetch(`${serviceUrl}/webhooks/paddle`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-trace-id': traceId },
    body: JSON.stringify({ id, type, customerId }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the service answered ${response.status}: ${await response.text()}`);
  return response.headers.get('x-trace-id') ?? '';
}
