// What a span has that nobody gave anything. Shared by all of them, so frozen.
import { type Link, type SpanStatus, SpanStatusCode } from '@opentelemetry/api';
import type { TimedEvent } from '@opentelemetry/sdk-trace';

export const UNSET: SpanStatus = { code: SpanStatusCode.UNSET };
export const NO_EVENTS: TimedEvent[] = [];
export const NO_LINKS: Link[] = [];
Object.freeze(NO_EVENTS);
Object.freeze(NO_LINKS);
