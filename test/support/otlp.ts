// The receiver for tests, and what makes received telemetry easy to compare.

import { type ReceiverOptions, startReceiver as startViewerReceiver, type Receiver as ViewerReceiver } from '../../src/view/receiver.js';
import { buildSpanTrees, type SpanNode as TreeNode } from '../../src/view/span-tree.js';
import type { Attributes, LogRecord, Metric, MetricPoint, Span, SpanKindName, StatusCodeName } from '../../src/view/telemetry.js';
import { ReceivedStore } from './received-store.ts';

export type { Export, ReceiverOptions } from '../../src/view/receiver.js';
export type { Attributes, LogRecord, Metric, MetricPoint, Span } from '../../src/view/telemetry.js';
export type { Trace } from '../../src/view/trace-store.js';
export { renderWaterfall } from '../../src/view/waterfall.js';

export interface Receiver extends ViewerReceiver {
  store: ReceivedStore;
}

/** The viewer's receiver, whose store can be awaited. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const store = new ReceivedStore(options);
  return { ...(await startViewerReceiver({ ...options, store })), store };
}

/** A span as tests compare it. */
export interface SpanNode {
  name: string;
  kind: SpanKindName;
  status: StatusCodeName;
  children: SpanNode[];
}

/** The spans as nested plain objects, siblings by start time: spans whose parent is not among them are the roots. */
export function spanTree(spans: readonly Span[]): SpanNode[] {
  return buildSpanTrees(spans).map(plain);
}

function plain({ span, children }: TreeNode): SpanNode {
  return { name: span.name, kind: span.kind, status: span.status.code, children: children.map(plain) };
}

/**
 * The one span with this name.
 * @throws {Error} that lists the names there are, when there is none or more than one.
 */
export function spanNamed(spans: readonly Span[], name: string): Span {
  const found = spans.filter((span) => span.name === name);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`Expected one span named ${name}, got ${found.length}. Names: ${spans.map((span) => span.name).join(', ')}`);
  }
  return first;
}

/** Whether it is a query of PostgreSQL, and no connection to it (`pg.connect`, `pg-pool.connect`). */
export function isQuery({ name, kind, attributes }: Span): boolean {
  return kind === 'CLIENT' && attributes['db.system.name'] === 'postgresql' && !/^pg(?:-pool)?\.connect$/.test(name);
}

/** The newest point of a metric whose attributes include `attributes`; undefined when it has not arrived. */
export function lastPoint(metrics: readonly Metric[], name: string, attributes: Attributes = {}): MetricPoint | undefined {
  const wanted = Object.entries(attributes);
  for (let index = metrics.length - 1; index >= 0; index--) {
    const metric = metrics[index];
    if (metric?.name !== name) continue;
    const point = metric.points.find((candidate) => wanted.every(([key, value]) => candidate.attributes[key] === value));
    if (point !== undefined) return point;
  }
  return undefined;
}

/** All text that arrived, for "this secret is nowhere in it". Bigints as decimal text. */
export function allText(store: Pick<ReceivedStore, 'spans' | 'logs' | 'metrics'>): string {
  const everything: { spans: readonly Span[]; logs: readonly LogRecord[]; metrics: readonly Metric[] } = {
    spans: store.spans,
    logs: store.logs,
    metrics: store.metrics,
  };
  return JSON.stringify(everything, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
