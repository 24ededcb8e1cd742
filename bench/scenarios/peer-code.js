// The code that users of some peers have to write into their app. All others need none.

/** Options of queues and workers. */
exports.queueTelemetry = () => {
  if (process.env.PEER_CODE !== 'bullmq-otel') return {};
  const { BullMQOtel } = require('bullmq-otel');
  return { telemetry: new BullMQOtel('bench') };
};

exports.observeBreaker = (breaker) => {
  if (process.env.PEER_CODE !== 'opossum-prometheus') return undefined;
  const PrometheusMetrics = require('opossum-prometheus');
  return new PrometheusMetrics({ circuits: [breaker] });
};
