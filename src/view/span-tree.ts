// Builds trees from the spans of a trace, whatever their number, depth and mistakes.

import type { Span } from './telemetry.js';

/** A span with what hangs below it. */
export interface SpanNode {
  span: Span;
  children: SpanNode[];
}

/**
 * The spans as trees: a span whose parent is not among them is a root; siblings are in the order of
 * their start. Spans that are each other's ancestors (a broken sender) still appear, once each: one
 * of them becomes a root.
 */
export function buildSpanTrees(spans: readonly Span[]): SpanNode[] {
  const nodes = new Map<string, SpanNode>();
  for (const span of [...spans].sort(byStart)) nodes.set(keyOf(span.traceId, span.spanId), { span, children: [] });
  const parentOf = (node: SpanNode): SpanNode | undefined => nodes.get(keyOf(node.span.traceId, node.span.parentSpanId));
  const cut = findCircles(nodes.values(), parentOf);
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parent = cut.has(node) ? undefined : parentOf(node);
    (parent?.children ?? roots).push(node);
  }
  return roots;
}

/** One node of each circle. Each node is walked over once. */
export function findCircles<Node>(nodes: Iterable<Node>, parentOf: (node: Node) => Node | undefined): Set<Node> {
  const circles = new Set<Node>();
  const walkOf = new Map<Node, Node>();
  for (const start of nodes) {
    let at: Node | undefined = start;
    while (at !== undefined && !walkOf.has(at)) {
      walkOf.set(at, start);
      at = parentOf(at);
    }
    // This walk has come to where it was before.
    if (at !== undefined && walkOf.get(at) === start) circles.add(at);
  }
  return circles;
}

/** A node on its line of a drawing. */
export interface TreeRow {
  node: SpanNode;
  /** 0 for a root. */
  depth: number;
  /** Prefix of the node's own line, and of lines that belong to it: `│  └─ ` and `│     `. */
  head: string;
  indent: string;
}

/** Levels drawn with an indent of their own; what is deeper stands below each other. */
const MAX_INDENTED = 32;

/** The nodes from top to bottom, without recursion: a trace may be deeper than the stack. */
export function treeRows(roots: readonly SpanNode[]): TreeRow[] {
  const rows: TreeRow[] = [];
  const waiting: TreeRow[] = [...roots].reverse().map((node) => ({ node, depth: 0, head: '', indent: '' }));
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    rows.push(row);
    const { children } = row.node;
    const { indent } = row;
    const depth = row.depth + 1;
    for (let index = children.length - 1; index >= 0; index--) {
      const node = children[index];
      const last = index === children.length - 1;
      const below = depth < MAX_INDENTED ? `${indent}${last ? '   ' : '│  '}` : indent;
      if (node !== undefined) waiting.push({ node, depth, head: `${indent}${last ? '└─ ' : '├─ '}`, indent: below });
    }
  }
  return rows;
}

function keyOf(traceId: string, spanId: string): string {
  return `${traceId}/${spanId}`;
}

/** Compares two spans by start time, for sorting. */
export function byStart(left: Span, right: Span): number {
  return compareBigints(left.startTimeUnixNano, right.startTimeUnixNano);
}

export function compareBigints(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
