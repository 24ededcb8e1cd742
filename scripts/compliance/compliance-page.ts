// The page docs/reference/compliance.md: the rows of matrix.txt, each with the test that shows it. A row is met when that test is there, and not otherwise.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row of the matrix, as the page tells it. */
export interface Row {
  readonly section: string;
  readonly name: string;
  /** The sign in the JavaScript column of the matrix. */
  readonly upstream: string;
  readonly met: 'yes' | 'no' | 'n/a';
  /** The test, or the reason. */
  readonly because: string;
}

/** Suites of others that were run once; their results are in no test of this repository. */
const SUITES = [
  ['Suite', 'Run', 'Result'],
  ["W3C's suite for Trace Context, levels 1 and 2, strict", '2026-11', "41 of 41 (36 with upstream's propagator)"],
  [
    "opentelemetry-js' unit tests of spans, tracers and their provider (sdk-trace 2.10), with our spans and tracers in place of its own",
    '2026-11',
    [
      '111 of 121. Not passed: "should drop extra events" (one line says so here too, but without the number of events, so that it is one line a minute and',
      'not one for each span); "should not truncate any value" for a negative limit (limits are checked where settings are read); three that expect',
      'an empty trace state, or one of the SDK\'s class (ours keeps W3C\'s rules, and is none where it is empty); the five of "TracerMetrics"',
      "(they ask the SDK's own counts; ours are in the same metrics, which the tests named below see)",
    ].join(' '),
  ],
  [
    "opentelemetry-js' unit tests of the metrics SDK (2.10), with our storages and safe instruments around its own (447 pass without them)",
    '2026-11',
    [
      '437 of 448. Not passed: one of a function that is gone in 2.12; four that compare a histogram by its class (ours carries exemplars); "should be',
      'able to access metric" (attributes are copied: the app may change its object later); "should register metric storages" (one storage for all',
      'readers); four that call an observable callback again before it has ended',
    ].join(' '),
  ],
  [
    "opentelemetry-js' unit tests of the propagators (W3C, baggage, B3, Jaeger, composite) and of trace states, with ours in place of its own",
    '2026-11',
    [
      "139 of 151. Not passed: eleven that keep what is valid of a trace state, or cut one that is too long, where W3C's suite wants it dropped;",
      'one that gives the B3 propagator a number as a header',
    ].join(' '),
  ],
];

export function complianceText(root: string): string {
  const rows = readRows(root);
  const count = (met: Row['met']) => rows.filter((row) => row.met === met).length;
  const sections = [...new Set(rows.map(({ section }) => section))].map((section) => {
    const lines = rows.filter((row) => row.section === section);
    return `## ${section}\n\n${table(['Row', 'Here', 'JavaScript SDK', 'Test, or reason'], lines.map(cellsOf))}`;
  });
  return [
    [
      "The rows of OpenTelemetry's [compliance matrix](https://github.com/open-telemetry/opentelemetry-specification/blob/main/spec-compliance-matrix.md)",
      '(specification of August 2026). A row is `yes` only because the test beside it is there: the page is made from the tests. The third column is what the',
      'matrix itself says of the JavaScript SDK; `?` is unknown.',
    ].join('\n'),
    `${count('yes')} rows are met, ${count('no')} are not, ${count('n/a')} do not concern a distribution for Node.js.`,
    `## Suites of others\n\n${table(SUITES[0] ?? [], SUITES.slice(1))}`,
    ...sections,
  ].join('\n\n');
}

function cellsOf({ name, met, upstream, because }: Row): string[] {
  return [name, met, upstream, because];
}

/** @throws {Error} for a line that is none */
export function readRows(root: string): Row[] {
  const rows: Row[] = [];
  let section = '';
  for (const line of readFileSync(join(root, 'scripts/compliance/matrix.txt'), 'utf8').split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    else if (line !== '' && !line.startsWith('#')) rows.push(readRow(line, section, root));
  }
  return rows;
}

function readRow(line: string, section: string, root: string): Row {
  const [, upstream = '', name = '', proof = '', text = name] = /^([-+?]) (.+?) \| ([^|]+?)(?: \| (.+))?$/.exec(line) ?? [];
  if (proof === '') throw new Error(`scripts/compliance/matrix.txt: ${line}`);
  const row = { section, name, upstream };
  if (proof === 'no' || proof === 'n/a') return { ...row, met: proof, because: text };
  const file = ['.test.ts', '.ts'].map((end) => `test/${proof}${end}`).find((path) => existsSync(join(root, path)));
  if (file === undefined || !hasTest(readFileSync(join(root, file), 'utf8'), text))
    return { ...row, met: 'no', because: `there is no test "${text}" in test/${proof}` };
  return { ...row, met: 'yes', because: text === name ? `\`${file}\`` : `\`${file}\`: ${text}` };
}

/** Whether the source has a test with this title, or a row of a table of tests with this key. */
function hasTest(source: string, title: string): boolean {
  const literally = title.replace(/[^\w]/g, '\\$&');
  return new RegExp(`[(\\n]\\s*(['"\`])${literally}\\1|(?:^|{)\\s*${literally}: {`, 'm').test(source);
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}
