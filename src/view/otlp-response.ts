// Encodes the answer to an OTLP export, for both transports.

export const REJECTED_SPANS = 'spans without a valid trace id and span id';

/**
 * An ExportTraceServiceResponse: a partial success (field 1: their number, 2: why) where spans were
 * left out. Senders do not send those again.
 */
export function exportResponse(rejectedSpans: number): Buffer {
  if (rejectedSpans === 0) return Buffer.alloc(0);
  const reason = Buffer.from(REJECTED_SPANS);
  const partial = Buffer.concat([Buffer.from([0x08]), varint(rejectedSpans), Buffer.from([0x12, reason.length]), reason]);
  return Buffer.concat([Buffer.from([0x0a, partial.length]), partial]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Buffer.from([...bytes, value]);
}
