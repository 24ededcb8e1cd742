// One line for each way to log with winston 3. `check` prints what has become of the app's own objects.
exports.kinds = (winston) => {
  const { createLogger, format, transports, config } = winston;
  const to = (options) => new transports.Console(options);
  const plain = createLogger({ transports: [to()] });
  const check = (kind, given) => console.log(JSON.stringify({ check: kind, keys: Object.keys(given).sort() }));
  const splat = createLogger({ format: format.combine(format.splat(), format.json()), transports: [to()] });
  const simple = createLogger({ format: format.simple(), transports: [to()] });
  const printf = createLogger({
    format: format.printf(({ level, message, ...rest }) => JSON.stringify({ level, message, rest })),
    transports: [to()],
  });
  const colored = createLogger({ format: format.combine(format.colorize({ all: true }), format.simple()), transports: [to()] });
  const levels = createLogger({ levels: { urgent: 0, later: 1, never: 2 }, level: 'later', transports: [to()] });
  const syslog = createLogger({ levels: config.syslog.levels, transports: [to()] });
  const masked = createLogger({
    format: format.combine(
      format((info) => (info.password === undefined ? info : { ...info, password: '***' }))(),
      format((info) => (info.private ? false : info))(),
      format.json(),
    ),
    transports: [to()],
  });
  const ofTransports = createLogger({
    level: 'info',
    transports: [to({ level: 'debug', format: format.combine(format.label({ label: 'own' }), format.json()) }), to({ silent: true })],
  });
  const silent = createLogger({ silent: true, transports: [to()] });
  // Not in winston 3.0.
  const ofErrors = format.errors === undefined ? format((info) => info)() : format.errors({ stack: true });
  const errors = createLogger({ format: format.combine(ofErrors, format.json()), transports: [to()] });
  winston.add(to());

  return {
    text: (message) => plain.info(message),
    meta(message) {
      const meta = { order: 7 };
      plain.info(message, meta);
      check('meta', meta);
    },
    object(message) {
      const info = { level: 'warn', message, order: 7 };
      plain.log(info);
      check('object', info);
    },
    leveled(message) {
      const info = { message, order: 7 };
      plain.error(info);
      check('leveled', info);
    },
    own: (message) => plain.info(message, { trace_id: 'mine', order: 7 }),
    child: (message) => (plain.child ? plain.child({ part: 'webhooks' }) : plain).info(message, { order: 7 }),
    splat: (message) => splat.info('%s with %d parts', message, 2, { order: 7 }),
    simple: (message) => simple.info(message, { order: 7 }),
    printf: (message) => printf.info(message, { order: 7 }),
    colored: (message) => colored.info(message),
    levels: (message) => levels.later(message),
    unlogged: (message) => levels.never(message),
    syslog: (message) => syslog.crit(message),
    masked: (message) => masked.info(message, { password: 'canary-7d1f' }),
    private: (message) => masked.info(message, { private: true }),
    ofTransports: (message) => ofTransports.debug(message),
    silent: (message) => silent.error(message),
    failed(message) {
      const error = new TypeError(message);
      error.code = 'E_PAID';
      errors.error(error);
      check('failed', error);
    },
    metaError: (message) => plain.error(message, new RangeError('too far')),
    default: (message) => winston.info(message, { at: new Date(0), list: [1, { a: true }], nothing: undefined }),
  };
};
