// A plan as text, as EXPLAIN itself writes it, without the literals that its conditions hold.
import { scanStatement } from './statement.js';

const MAX_LENGTH = 4_000;
const MAX_DEPTH = 50;
const CONDITIONS = ['Index Cond', 'Recheck Cond', 'Hash Cond', 'Merge Cond', 'Join Filter', 'Filter', 'Sort Key', 'Group Key'];

/** The plan in a result of `EXPLAIN (FORMAT JSON)`; undefined when there is none. */
export function formatPlan(result: unknown): string | undefined {
  const root: unknown = Array.isArray(result) ? field(result[0], 'Plan') : undefined;
  if (root === undefined) return undefined;
  const lines: string[] = [];
  addNode(lines, root, 0);
  const text = lines.join('\n');
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

function addNode(lines: string[], node: unknown, depth: number): void {
  if (depth > MAX_DEPTH) return;
  const indent = ' '.repeat(depth * 6 + 2);
  lines.push(`${depth === 0 ? '' : `${indent.slice(6)}->  `}${describeNode(node)}`);
  for (const key of CONDITIONS) {
    const condition = field(node, key);
    if (condition === undefined) continue;
    const texts = Array.isArray(condition) ? condition : [condition];
    lines.push(`${indent}${key}: ${texts.map((text) => scanStatement(String(text)).sanitized).join(', ')}`);
  }
  const children = field(node, 'Plans');
  if (Array.isArray(children)) for (const child of children) addNode(lines, child, depth + 1);
}

function describeNode(node: unknown): string {
  const index = field(node, 'Index Name');
  const relation = field(node, 'Relation Name');
  const parts = [
    String(field(node, 'Node Type')),
    index === undefined ? '' : ` using ${index}`,
    relation === undefined ? '' : ` on ${relation}`,
    `  (cost=${field(node, 'Startup Cost')}..${field(node, 'Total Cost')} rows=${field(node, 'Plan Rows')})`,
  ];
  return parts.join('');
}

function field(node: unknown, key: string): unknown {
  return typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined;
}
