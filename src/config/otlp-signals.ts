// The signals of OTLP, as they stand in the names of the variables that one signal has for itself.

export const OTLP_SIGNALS = ['TRACES', 'METRICS', 'LOGS'] as const;
export type OtlpSignal = (typeof OTLP_SIGNALS)[number];

/** `OTEL_EXPORTER_OTLP_<what>`, and its form for each signal. */
export function otlpVariables(what: string): string[] {
  return ['', ...OTLP_SIGNALS.map((signal) => `${signal}_`)].map((signal) => `OTEL_EXPORTER_OTLP_${signal}${what}`);
}
