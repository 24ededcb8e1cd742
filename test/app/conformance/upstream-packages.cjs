// Usage: node test/app/conformance/upstream-packages.cjs <composite | jaeger | carrier>, with upstream's packages in the folder PACKAGES
// Starts the distribution in code with a part that is not in the SDK, and spans until that has said enough. Prints what a child process would get.
const { createRequire } = require('node:module');
const { propagation, ROOT_CONTEXT, trace } = require('@opentelemetry/api');
const { start } = require('../../../dist/index.js');
const required = createRequire(`${process.env.PACKAGES}/`);

function composite() {
  const sampler = required('@opentelemetry/sampler-composite');
  const half = sampler.createComposableAnnotatingSampler(sampler.createComposableProbabilitySampler(0.5), { rule: 'half' });
  const rules = [
    [(_context, _traceId, name) => name === 'health', sampler.createComposableAlwaysOffSampler()],
    [() => true, half],
  ];
  return sampler.createCompositeSampler(sampler.createComposableParentThresholdSampler(sampler.createComposableRuleBasedSampler(rules)));
}

function jaeger() {
  const { JaegerRemoteSampler } = required('@opentelemetry/sampler-jaeger-remote');
  const { AlwaysOffSampler } = required('@opentelemetry/sdk-trace');
  const endpoint = process.env.JAEGER;
  return new JaegerRemoteSampler({ endpoint, serviceName: 'shop', poolingInterval: 20, initialSampler: new AlwaysOffSampler() });
}

/** Returns what makes a trace, and whether that was recorded. */
function tracesOf(tracer) {
  const order = () => {
    const span = tracer.startSpan('order', {}, ROOT_CONTEXT);
    tracer.startSpan('payment', {}, trace.setSpan(ROOT_CONTEXT, span)).end();
    const isRecorded = span.isRecording();
    span.end();
    return isRecorded;
  };
  tracer.startSpan('health', {}, ROOT_CONTEXT).end();
  return order;
}

const programs = {
  async composite() {
    const { shutdown } = start({ sampler: composite() });
    const order = tracesOf(trace.getTracer('conformance'));
    for (let n = 0; n < 200; n++) order();
    await shutdown();
  },
  async jaeger() {
    const { shutdown } = start({ sampler: jaeger() });
    const order = tracesOf(trace.getTracer('conformance'));
    while (!order()) await new Promise((resolve) => setTimeout(resolve, 10));
    await shutdown();
  },
  async carrier() {
    const { EnvironmentGetter, EnvironmentSetter } = required('@opentelemetry/propagator-env-carrier');
    const { shutdown } = start();
    const parent = propagation.extract(ROOT_CONTEXT, undefined, new EnvironmentGetter());
    const span = trace.getTracer('conformance').startSpan('job', {}, parent);
    const environment = {};
    propagation.inject(trace.setSpan(parent, span), undefined, new EnvironmentSetter(environment));
    span.end();
    await shutdown();
    return environment;
  },
};

async function main() {
  console.log(JSON.stringify((await programs[process.argv[2]]()) ?? {}));
  // The sampler of Jaeger has a timer that would hold the process for ever.
  process.exit();
}
void main();
