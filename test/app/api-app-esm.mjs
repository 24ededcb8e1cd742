// The same app as an ES module. Usage: as api-app.cjs
import { trace } from '@opentelemetry/api';

trace.getTracer('api-app').startSpan('esm').end();
await import('./api-app.cjs');
