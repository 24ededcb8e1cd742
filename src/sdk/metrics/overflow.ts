// The overflow series: measurements past the cardinality limit (the specification's "Overflow
// attribute").
import type { Attributes } from '@opentelemetry/api';

/**
 * The value that semantic conventions use for all others: an unknown error, a further name past a
 * bound.
 */
export const OTHER = '_OTHER';

export const ATTR_OVERFLOW = 'otel.metric.overflow';
export const OVERFLOW: Attributes = { [ATTR_OVERFLOW]: true };
