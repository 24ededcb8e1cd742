// Calls through breakers that fail with values in messages, arguments and fallbacks. See main.cjs.
const Opossum = require('opossum');
const { CircuitBreaker } = require('@sietch/otel/circuit');
const { caught, marked } = require('./values.cjs');

exports.useBreakers = async () => {
  const action = async (card) => {
    throw Object.assign(new Error(`${marked('breaker-error')} ${card}`), {
      code: 'E_DECLINED',
      response: { body: marked('breaker-response') },
    });
  };
  const theirs = new Opossum(action, { name: 'theirs', volumeThreshold: 1, errorThresholdPercentage: 1 });
  theirs.fallback(() => {
    throw new Error(marked('breaker-fallback'));
  });
  const ours = new CircuitBreaker((_call, card) => action(card), {
    name: 'ours',
    volumeThreshold: 1,
    errorThresholdPercentage: 1,
    fallback: () => Promise.reject(new Error(marked('breaker-fallback'))),
    onEvent: () => {
      throw new Error(marked('breaker-listener'));
    },
  });
  for (let i = 0; i < 3; i++) {
    await caught(() => theirs.fire(marked('breaker-argument')));
    await caught(() => ours.fire(marked('breaker-argument')));
  }
  theirs.shutdown();
};
