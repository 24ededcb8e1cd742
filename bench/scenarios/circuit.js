// Calls through a closed opossum breaker, one after another.
const { OPERATIONS, answerAfter, serve } = require('./measured.js');
const { observeBreaker } = require('./peer-code.js');
const CircuitBreaker = require('opossum');

const breaker = new CircuitBreaker(async () => 1, { name: 'bench' });
const metrics = observeBreaker(breaker);

async function run() {
  for (let i = 0; i < OPERATIONS; i++) await breaker.fire();
}

serve(answerAfter(run), () => {
  breaker.shutdown();
  metrics?.clear();
});
