// Where measurements go that have no room for a series of their own (the specification's "Overflow attribute").
import type { Attributes } from '@opentelemetry/api';

export const ATTR_OVERFLOW = 'otel.metric.overflow';
export const OVERFLOW: Attributes = { [ATTR_OVERFLOW]: true };
