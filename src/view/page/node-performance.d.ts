// The one member of Node.js' `performance` that files reach for whose types the API has in common with the page.
import type { performance as nodePerformance } from 'node:perf_hooks';

declare global {
  interface Performance {
    readonly eventLoopUtilization: typeof nodePerformance.eventLoopUtilization;
  }
}
