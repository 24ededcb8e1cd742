// The field of a job's JSON in which the trace goes to the process of a sandboxed processor.
export const SANDBOX_FIELD = 'sietchTrace';

export type TraceCarrier = Record<string, string>;
