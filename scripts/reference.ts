// `npm run docs`: writes docs/reference/*.md from the settings.ts and names.ts files and the table of diagnostics, and the README's cost table from
// docs/benchmark.md. test/reference.test.ts checks that all of it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emittedNames } from '../src/catalog/emitted-names.ts';
import { settingsTables } from '../src/catalog/settings-tables.ts';
import type { EmittedName } from '../src/config/emitted-name.ts';
import { ALSO_RENAMED, RENAMED } from '../src/config/renamed-names.ts';
import type { Setting, SettingsTable } from '../src/config/setting.ts';
import { diagnostics, isFindingCode } from '../src/diagnose/codes.ts';
import { complianceText } from './compliance/compliance-page.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MADE = 'Made from source by `npm run docs`: change the source, not this page.';
const COST = { begin: '<!-- cost: made by npm run docs -->', end: '<!-- cost: end -->' };

/** Every page that is made, by its path from the root of the repository. */
export function referencePages(): Record<string, string> {
  return {
    'docs/reference/settings.md': page('Settings', settingsText()),
    'docs/reference/spans.md': page('Spans', rows('span', ['Span', 'Kind', 'From', 'Meaning'], spanRow)),
    'docs/reference/metrics.md': page('Metrics', rows('metric', ['Metric', 'Instrument', 'Unit', 'Attributes', 'Meaning'], metricRow)),
    'docs/reference/attributes.md': page('Attributes', rows('attribute', ['Attribute', 'From', 'Meaning'], namedRow)),
    'docs/reference/events.md': page('Span events and log records', rows('event', ['Event', 'From', 'Meaning'], namedRow)),
    'docs/reference/renamed.md': page('Renamed since 0.1', renamedText()),
    'docs/reference/diagnostics.md': page('Diagnostics', diagnosticsText()),
    'docs/reference/compliance.md': page('Compliance', complianceText(ROOT)),
    'README.md': withCost(readFileSync(join(ROOT, 'README.md'), 'utf8')),
  };
}

type Emitted<T extends EmittedName['type']> = Extract<EmittedName, { type: T }> & { readonly section: string };

function rows<T extends EmittedName['type']>(type: T, head: readonly string[], row: (name: Emitted<T>) => string[]): string {
  const found = Object.entries(emittedNames).flatMap(([section, names]) =>
    names.filter((name): name is Extract<EmittedName, { type: T }> => name.type === type).map((name) => ({ section, ...name })),
  );
  return table(head, found.map(row));
}

function spanRow({ name, kind, section, meaning }: Emitted<'span'>): string[] {
  return [code(name), kind, section, meaning];
}

function metricRow({ name, instrument, unit, attributes, meaning }: Emitted<'metric'>): string[] {
  return [code(name), instrument, code(unit), attributes.map(code).join(' '), meaning];
}

function namedRow({ name, section, meaning }: Emitted<'attribute'> | Emitted<'event'>): string[] {
  return [code(name), section, meaning];
}

function settingsText(): string {
  const intro = [
    'Everything is an environment variable; `start()` of `@sietch/otel` takes the same as options. A wrong value is one line on stderr and the default is',
    'used: the app always starts. An empty value counts as unset. An unknown `SIETCH_OTEL_*` name is one warning with the nearest known name.',
    'In a [configuration file](../configuration-file.md) each is `distribution: sietch:`, then the section of this page, then the option in snake case.',
  ].join('\n');
  const sections = Object.entries(settingsTables)
    .filter(([, entries]) => Object.keys(entries).length > 0)
    .map(([section, entries]) => `## ${section}\n\n${settingsTable(entries)}`);
  return [intro, ...sections].join('\n\n');
}

function settingsTable(entries: SettingsTable): string {
  return table(
    ['Variable', 'Values', 'Default', 'Meaning'],
    Object.values(entries).map((setting) => [code(setting.env), setting.kind, defaultOf(setting), setting.meaning]),
  );
}

function defaultOf({ defaultText, unit }: Setting<unknown>): string {
  return defaultText === '' ? '' : code(unit === undefined ? defaultText : `${defaultText} ${unit}`);
}

function diagnosticsText(): string {
  return table(
    ['Code', 'What happened', 'Remedy', 'Doctor'],
    Object.entries(diagnostics()).map(([name, { what, remedy }]) => [name, what, remedy, isFindingCode(name) ? 'reports it' : '']),
  );
}

function renamedText(): string {
  const intro = 'With `SIETCH_OTEL_COMPAT=0.1` the old names are emitted in the place of the new ones, for one release.';
  const lines = [...Object.values(RENAMED), ...ALSO_RENAMED].map(({ now, before, of }) => [
    code(now),
    before === '' ? 'none' : code(before),
    of,
  ]);
  return `${intro}\n\n${table(['Name', 'In 0.1', 'Of'], lines)}`;
}

/** Rows of the table that the README, which is to stay short, leaves to the page. */
const PAGE_ONLY = /^\| (start-up: (time to the first line|from start to end)|a plain HTTP server|service: peak|1 % sampled: ioredis)/;

/** The README with the first table of the last full run. */
function withCost(readme: string): string {
  const report = readFileSync(join(ROOT, 'docs/benchmark.md'), 'utf8');
  const [table = ''] = report.slice(report.indexOf('\n|') + 1).split('\n\n', 1);
  const rows = table.split('\n').filter((row) => !PAGE_ONLY.test(row));
  const from = readme.indexOf(COST.begin);
  const to = readme.indexOf(COST.end);
  if (from === -1 || to < from) throw new Error('README.md has no place for the cost table');
  return `${readme.slice(0, from)}${COST.begin}\n\n${rows.join('\n')}\n\n${readme.slice(to)}`;
}

const page = (title: string, text: string) => `# ${title}\n\n${MADE}\n\n${text}\n`;
const code = (text: string) => `\`${text}\``;

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(referencePages())) writeFileSync(join(ROOT, path), text);
}
