// Fastify's hello world in as many processes of a cluster as PROCESSES says. The primary takes no part, and is not in the sums.
const cluster = require('node:cluster');

if (cluster.isPrimary) {
  let listening = 0;
  cluster.on('listening', (_worker, { port }) => {
    listening += 1;
    if (listening === Number(process.env.PROCESSES)) process.stdout.write(`${JSON.stringify({ port })}\n`);
  });
  for (let i = 0; i < Number(process.env.PROCESSES); i++) cluster.fork();
} else {
  const { fail, serve } = require('./measured.js');
  const { fastify } = require('fastify');
  const app = fastify();
  app.get('/', async () => ({ hello: 'world' }));
  const close = () => {
    void app.close();
    cluster.worker.disconnect();
  };
  app
    .ready()
    .then(() => serve(app.routing, close, () => {}))
    .catch(fail);
}
