// The routes of other-runtime.cjs and other-runtime.mjs.
exports.serve = ({ app, pool, redis, logger }) => {
  app.get('/orders/:id', async (request, response) => {
    await pool.query('SELECT 1 AS one');
    await redis.get('order:1');
    logger.info('asked for an order');
    await (await fetch(`http://127.0.0.1:${server.address().port}/stock/${request.params.id}`)).text();
    response.end('ok');
  });
  app.get('/stock/:id', (_request, response) => response.end('3'));
  const server = app.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
  process.on('SIGTERM', () => process.exit(0));
};
