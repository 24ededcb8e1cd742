// As exit-ways.cjs; a circuit breaker opens first, which is logged. Usage: node test/app/own-lines.cjs <way>
const CircuitBreaker = require('opossum');

const breaker = new CircuitBreaker(() => Promise.reject(new Error('no')), { name: 'own-lines' });
breaker.fire().catch(() => breaker.shutdown());
require('./exit-ways.cjs');
