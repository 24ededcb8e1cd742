// The README's tables, made from the settings.ts and names.ts files and from docs/benchmark.md: `npm run docs` writes them, test/readme.test.ts checks that they are current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { emittedNames } from '../src/catalog/emitted-names.ts';
import { settingsTables } from '../src/catalog/settings-tables.ts';
import type { EmittedName } from '../src/config/emitted-name.ts';
import type { Setting, SettingsTable } from '../src/config/setting.ts';

export const README = fileURLToPath(new URL('../README.md', import.meta.url));

/** The README with all tables made anew. */
export function withReference(readme: string): string {
  const emitted = Object.entries(emittedNames);
  const ofType = <T extends EmittedName['type']>(type: T) =>
    emitted.flatMap(([section, names]) =>
      names.filter((name): name is Extract<EmittedName, { type: T }> => name.type === type).map((name) => ({ section, ...name })),
    );
  return [
    ['settings', settings()],
    [
      'spans',
      table(
        ['Span', 'Kind', 'From', 'Meaning'],
        ofType('span').map((each) => [code(each.name), each.kind, each.section, each.meaning]),
      ),
    ],
    [
      'metrics',
      table(
        ['Metric', 'Instrument', 'Unit', 'Attributes', 'Meaning'],
        ofType('metric').map((each) => [
          code(each.name),
          each.instrument,
          code(each.unit),
          each.attributes.map(code).join(' '),
          each.meaning,
        ]),
      ),
    ],
    [
      'attributes',
      table(
        ['Attribute', 'From', 'Meaning'],
        ofType('attribute').map((each) => [code(each.name), each.section, each.meaning]),
      ),
    ],
    [
      'events',
      table(
        ['Event', 'From', 'Meaning'],
        ofType('event').map((each) => [code(each.name), each.section, each.meaning]),
      ),
    ],
    ['benchmark', benchmark()],
  ].reduce((text, [name = '', block = '']) => replaceBlock(text, name, block), readme);
}

/** The first table of the last full run. */
function benchmark(): string {
  const report = readFileSync(new URL('../docs/benchmark.md', import.meta.url), 'utf8');
  return report.slice(report.indexOf('\n|') + 1).split('\n\n', 1)[0] ?? '';
}

function settings(): string {
  return Object.entries(settingsTables)
    .filter(([, entries]) => Object.keys(entries).length > 0)
    .map(([section, entries]) => `**${section}**\n\n${settingsTable(entries)}`)
    .join('\n\n');
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

const code = (text: string) => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function replaceBlock(text: string, name: string, block: string): string {
  const begin = `<!-- ${name}: made by npm run docs -->`;
  const end = `<!-- ${name}: end -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`README.md has no block ${name}`);
  return `${text.slice(0, from)}${begin}\n\n${block}\n\n${text.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(README, withReference(readFileSync(README, 'utf8')));
