// Counts the spans in what Sentry's SDK sends: lines of JSON, a header and then a header and a payload for each item
// (https://develop.sentry.dev/sdk/foundations/envelopes/). A transaction is a span and has the others in it; `span` items are lists of spans.

interface Item {
  readonly spans?: readonly unknown[];
  readonly items?: readonly unknown[];
}

/** @throws {SyntaxError} when a line is not JSON. */
export function countSentrySpans(envelope: string): number {
  const lines = envelope.split('\n').filter((line) => line !== '');
  let spans = 0;
  for (let at = 1; at + 1 < lines.length; at += 2) {
    const { type }: { type?: string } = JSON.parse(lines[at] ?? '{}');
    if (type !== 'transaction' && type !== 'span') continue;
    const item: Item = JSON.parse(lines[at + 1] ?? '{}');
    spans += type === 'transaction' ? 1 + (item.spans?.length ?? 0) : (item.items?.length ?? 1);
  }
  return spans;
}
