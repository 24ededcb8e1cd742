// One line for each way to log with bunyan. `check` prints what has become of the app's own objects.
exports.kinds = (bunyan) => {
  const check = (kind, given) => console.log(JSON.stringify({ check: kind, keys: Object.keys(given).sort() }));
  const plain = bunyan.createLogger({ name: 'app', level: 'debug' });
  const made = new bunyan({ name: 'made', serializers: { order: (order) => ({ id: order.id }) } });
  const ring = new bunyan.RingBuffer({ limit: 5 });
  const ringed = bunyan.createLogger({ name: 'ringed', streams: [{ type: 'raw', stream: ring, level: 'trace' }] });
  return {
    text: (message) => plain.info(message),
    fields(message) {
      const fields = { order: 7 };
      plain.warn(fields, message);
      check('fields', fields);
    },
    own: (message) => plain.info({ trace_id: 'mine' }, message),
    format: (message) => plain.debug('%s with %d parts', message, 2),
    child: (message) => plain.child({ part: 'webhooks' }).info(message),
    simpleChild: (message) => plain.child({ part: 'webhooks' }, true).info(message),
    serializers: (message) => made.info({ order: { id: 7, secret: 'canary-7d1f' } }, message),
    unlogged: (message) => made.debug(message),
    failed: (message) => plain.error(new TypeError(message)),
    level: (message) => plain.child({}).fatal(message),
    ring(message) {
      ringed.trace(message);
      const [record] = ring.records.slice(-1);
      console.log(JSON.stringify({ ...record, ring: true }));
    },
    streams: () => check('streams', { ...plain.streams.map(({ type }) => type) }),
  };
};
