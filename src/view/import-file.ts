// Reads a file of traces: OTLP JSON, as this viewer and the collector's file exporter write it (one
// object, or one a line), or Jaeger's JSON.

import { isJaegerFile, jaegerToOtlp } from './jaeger-json.js';
import { checkJsonBounds } from './json-bounds.js';
import { isObject, type JsonObject } from './otlp-json.js';
import { telemetryOf } from './otlp-telemetry.js';
import type { Telemetry } from './telemetry.js';

/**
 * @throws {Error} when it is none of these: its message says what is wrong and holds nothing of the
 * file.
 */
export function readTraceFile(body: Buffer): Telemetry {
  checkJsonBounds(body);
  const telemetry: Telemetry = { spans: [], logs: [], metrics: [] };
  for (const object of parse(body.toString('utf8'))) {
    const request = isJaegerFile(object) ? jaegerToOtlp(object) : object;
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      const { spans, logs, metrics } = telemetryOf(signal, request);
      for (const span of spans) telemetry.spans.push(span);
      for (const log of logs) telemetry.logs.push(log);
      for (const metric of metrics) telemetry.metrics.push(metric);
    }
  }
  return telemetry;
}

function parse(text: string): JsonObject[] {
  const whole = parseObject(text);
  if (whole !== undefined) return [whole];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    const object = parseObject(line);
    if (object === undefined) throw new SyntaxError(lines.length === 1 ? 'it is not JSON' : `line ${index + 1} is not a JSON object`);
    return object;
  });
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
