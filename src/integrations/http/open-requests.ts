// The incoming requests that are open at this moment, and what each of them waits for.
import type { OpenRequest } from '../../observe/live-state.js';
import { ageOf, countOpen, describeOpen, describeWait, traceIdOf } from '../../observe/open-calls.js';
import { IncomingRequest } from './incoming-request.js';

/** The oldest `most`. */
export function openRequests(most: number): OpenRequest[] {
  return describeOpen(IncomingRequest, most, (request, calls, now) => ({
    method: request.method,
    route: request.route,
    age: ageOf(request, now),
    traceId: traceIdOf(request.context),
    waitsFor: describeWait(request, calls, now),
  }));
}

export function countRequests(): number {
  return countOpen(IncomingRequest);
}
