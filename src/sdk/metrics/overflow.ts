// Where measurements go that have no room for a series of their own (the specification's "Overflow attribute").
import type { Attributes } from '@opentelemetry/api';

/** The conventions' word for a value that is not told apart: an unknown error, a further name past a bound. */
export const OTHER = '_OTHER';

export const ATTR_OVERFLOW = 'otel.metric.overflow';
export const OVERFLOW: Attributes = { [ATTR_OVERFLOW]: true };
