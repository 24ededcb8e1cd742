// The incoming requests that are open at this moment, and what each of them waits for.
import type { OpenRequest } from '../../observe/live-state.js';
import { ageOf, describeWait, openCalls, traceIdOf } from '../../observe/open-calls.js';
import { running } from '../../observe/running-operations.js';
import { IncomingRequest } from './incoming-request.js';

/** The oldest `most`. */
export function openRequests(most: number): OpenRequest[] {
  const now = performance.now();
  const calls = openCalls();
  const requests: OpenRequest[] = [];
  for (const operation of running) {
    if (!(operation instanceof IncomingRequest)) continue;
    if (requests.length >= most) break;
    requests.push({
      method: operation.method,
      route: operation.route,
      age: ageOf(operation, now),
      traceId: traceIdOf(operation.context),
      waitsFor: describeWait(operation, calls.get(operation), now),
    });
  }
  return requests;
}

export function countRequests(): number {
  let count = 0;
  for (const operation of running) if (operation instanceof IncomingRequest) count++;
  return count;
}
