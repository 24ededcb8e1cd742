// The life of a WebhookQueue, up to the end of the process: nothing of it may hold that. Says what it saw as JSON.
// Usage: LIBRARY=…/dist/webhooks/library.js SETTINGS='{"connection":"redis://…"}' node test/app/queue-life.cjs
const { setTimeout: sleep } = require('node:timers/promises');
const { WebhookQueue } = require(process.env.LIBRARY);

async function live() {
  const seen = [];
  const queue = new WebhookQueue({
    name: 'webhooks',
    retries: 0,
    ...JSON.parse(process.env.SETTINGS),
    processor(event) {
      seen.push(event.id);
      if (event.id === 'bad') throw new Error('no');
    },
  });
  queue.startWorker();
  const deliver = async (id) => (await queue.enqueue({ id, type: 'paid', payload: {} })).mode;
  const modes = [await deliver('good'), await deliver('good'), await deliver('bad')];
  while ((await queue.getMetrics()).deadLetters === 0) await sleep(20);
  await queue.deadLetters.replay('bad');
  while (seen.length < 3) await sleep(20);
  await queue.close({ timeoutMs: 5000 });
  console.log(JSON.stringify({ modes, seen: seen.sort() }));
}

live().catch((error) => {
  console.log(`${error.name} ${error.code}: ${error.message}`);
});
