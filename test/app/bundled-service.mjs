// As bundled-service.cjs, of ES modules.
import '../../examples/webhook-service/esm/service.mjs';
import '../../examples/webhook-service/esm/worker.mjs';
