// Writes test/catalog/semantic-conventions.json: the part of OpenTelemetry's semantic conventions that the distribution is checked against, by
// `npx tsx scripts/semantic-conventions.ts <checkout of open-telemetry/semantic-conventions>`. Shapes (instruments, units, kinds, requirement levels) come
// from the model of that checkout; which names there are, and which are deprecated, from @opentelemetry/semantic-conventions, which is the release that
// `SCHEMA_URL` names and may be newer than the checkout.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const OUT = fileURLToPath(new URL('../test/catalog/semantic-conventions.json', import.meta.url));

const PACKAGE = dirname(createRequire(import.meta.url).resolve('@opentelemetry/semantic-conventions'));

/** The first parts of the names that are of use here. */
const NAMESPACES = new Set(
  `client code container cpu db deployment error exception host http log messaging network nodejs os otel process server service telemetry thread url
   user_agent v8js`.split(/\s+/),
);
/** The spans that we have. Development spans are in the form `messaging.send.producer`, others `span.http.client`. */
const SPANS = [
  'http.server',
  'http.client',
  'db.postgresql.client',
  'db.redis.client',
  'messaging.send.producer',
  'messaging.process.consumer',
];

type Level = 'required' | 'conditionally_required' | 'recommended' | 'opt_in';
type Levels = Record<string, Level>;

interface Reference {
  readonly ref?: string;
  readonly ref_group?: string;
  readonly id?: string;
  readonly key?: string;
  readonly type?: string | object;
  readonly stability?: string;
  readonly deprecated?: unknown;
  readonly requirement_level?: string | Record<string, string>;
}

interface Group {
  readonly id?: string;
  readonly type?: string;
  readonly name?: string;
  readonly kind?: string;
  readonly span_kind?: string;
  readonly metric_name?: string;
  readonly instrument?: string;
  readonly unit?: string;
  readonly stability?: string;
  readonly deprecated?: unknown;
  readonly extends?: string;
  readonly attributes?: readonly Reference[];
}

interface Document {
  readonly groups?: readonly Group[];
  readonly attribute_groups?: readonly Group[];
  readonly attributes?: readonly Reference[];
  readonly metrics?: readonly Group[];
  readonly spans?: readonly Group[];
  readonly span_refinements?: readonly (Group & { readonly ref?: string })[];
}

/** A name of the package, `messaging.system`, with the one that replaces it. */
interface Released {
  readonly kind: 'ATTR' | 'METRIC' | 'EVENT';
  readonly name: string;
  readonly isStable: boolean;
  readonly deprecated: string | undefined;
}

const isOurs = (name: string | undefined): name is string => name !== undefined && NAMESPACES.has(name.split('.')[0] ?? '');

/** Of its newest commit; a repository without a work tree will do. */
function readModel(checkout: string): Document[] {
  const files = git(checkout, 'ls-tree', '-r', '--name-only', 'HEAD', 'model/').trim().split('\n');
  return files.filter((file) => file.endsWith('.yaml')).map((file): Document => parse(git(checkout, 'show', `HEAD:${file}`)));
}

function git(checkout: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', checkout, ...args], { encoding: 'utf8' });
}

/** By the comments of the package's declarations, which are made of the model. */
function readReleased(): Released[] {
  return [
    'stable_attributes',
    'experimental_attributes',
    'stable_metrics',
    'experimental_metrics',
    'stable_events',
    'experimental_events',
  ].flatMap((file) => {
    const text = readFileSync(join(PACKAGE, `${file}.d.cts`), 'utf8');
    return [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*declare const (ATTR|METRIC|EVENT)_\w+: "([^"]+)"/g)].map(
      ([, comment = '', kind, name = '']): Released => ({
        kind: kind === 'METRIC' || kind === 'EVENT' ? kind : 'ATTR',
        name,
        isStable: file.startsWith('stable'),
        deprecated: /@deprecated ([^\n]+)/.exec(comment)?.[1],
      }),
    );
  });
}

class Extract {
  readonly #documents: readonly Document[];
  readonly #groups: ReadonlyMap<string | undefined, Group>;
  readonly #released: readonly Released[];
  /** New name of each that was renamed. */
  readonly #renamed: ReadonlyMap<string, string>;

  constructor(documents: readonly Document[], released: readonly Released[]) {
    this.#documents = documents;
    this.#released = released;
    const all = documents.flatMap(({ groups = [], attribute_groups = [] }) => [...groups, ...attribute_groups]);
    this.#groups = new Map(all.map((group) => [group.id, group]));
    this.#renamed = new Map(
      released.flatMap(({ name, deprecated }) => {
        const next = /^Replaced by `([^`]+)`\.?$/.exec(deprecated ?? '')?.[1];
        return next === undefined ? [] : [[name, next] as const];
      }),
    );
  }

  attributes(): Record<string, object> {
    const found: Record<string, object> = {};
    const declared = this.#documents.flatMap(({ groups = [], attributes = [] }) => [
      ...groups.flatMap((group) => (group.attributes ?? []).filter(({ id }) => id !== undefined)),
      ...attributes,
    ]);
    for (const { id, key, type, stability, deprecated } of declared) {
      const name = id ?? key;
      if (!isOurs(name)) continue;
      const isTemplate = typeof type === 'string' && type.startsWith('template');
      found[name] = { stability, ...(isTemplate ? { template: true } : {}), ...(deprecated === undefined ? {} : { deprecated: true }) };
    }
    this.#addReleased(found, 'ATTR');
    return sorted(found);
  }

  metrics(): Record<string, object> {
    const found: Record<string, object> = {};
    const groups = this.#documents.flatMap(({ groups: old = [], metrics = [] }) => [
      ...old.filter(({ type }) => type === 'metric'),
      ...metrics,
    ]);
    for (const group of groups) {
      const name = group.metric_name ?? group.name;
      if (!isOurs(name)) continue;
      const { instrument, unit, stability, deprecated } = group;
      found[name] = {
        instrument,
        unit,
        stability,
        attributes: this.#levelsOf(group),
        ...(deprecated === undefined ? {} : { deprecated: true }),
      };
    }
    this.#addReleased(found, 'METRIC');
    return sorted(found);
  }

  spans(): Record<string, object> {
    const spans = this.#documents.flatMap(({ groups = [], spans: newer = [] }) => [
      ...groups.filter(({ type }) => type === 'span'),
      ...newer,
    ]);
    return Object.fromEntries(
      SPANS.map((name) => {
        const span = spans.find(({ id, type }) => id === `span.${name}` || type === name);
        if (span === undefined) throw new Error(`the model has no span ${name}`);
        return [
          name,
          { kind: (span.kind ?? span.span_kind ?? '').toUpperCase(), stability: span.stability, attributes: this.#levelsOf(span) },
        ];
      }),
    );
  }

  events(): string[] {
    return this.#released
      .filter(({ kind, name, deprecated }) => kind === 'EVENT' && deprecated === undefined && isOurs(name))
      .map(({ name }) => name);
  }

  #addReleased(found: Record<string, object>, kind: Released['kind']): void {
    for (const { name, isStable, deprecated, kind: of } of this.#released) {
      if (of !== kind || !isOurs(name)) continue;
      const before = [...this.#renamed].find(([, next]) => next === name)?.[0];
      const known = found[name] ?? (before === undefined ? undefined : found[before]) ?? {};
      found[name] = {
        ...known,
        stability: isStable ? 'stable' : 'development',
        ...(deprecated === undefined ? { deprecated: undefined } : { deprecated }),
      };
    }
  }

  /** Attributes with their requirement levels, as inherited and overridden. */
  #levelsOf(group: Group): Levels {
    const levels: Levels = group.extends === undefined ? {} : this.#levelsById(group.extends);
    for (const { ref, id, ref_group: refGroup, requirement_level: level } of group.attributes ?? []) {
      if (refGroup !== undefined) Object.assign(levels, { ...this.#levelsById(refGroup), ...levels });
      const name = ref ?? id;
      if (name === undefined) continue;
      const current = this.#renamed.get(name) ?? name;
      levels[current] = levelOf(level) ?? levels[current] ?? 'recommended';
    }
    return sorted(levels);
  }

  #levelsById(id: string): Levels {
    const group = this.#groups.get(id);
    if (group === undefined) throw new Error(`the model has no group ${id}`);
    return this.#levelsOf(group);
  }
}

const LEVELS: readonly Level[] = ['required', 'conditionally_required', 'recommended', 'opt_in'];

function levelOf(given: Reference['requirement_level']): Level | undefined {
  const word = typeof given === 'object' ? Object.keys(given)[0] : given;
  return LEVELS.find((level) => level === word);
}

function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const checkout = process.argv[2];
if (checkout === undefined)
  throw new Error('usage: npx tsx scripts/semantic-conventions.ts <checkout of open-telemetry/semantic-conventions>');
const extract = new Extract(readModel(checkout), readReleased());
const { version }: { version: string } = JSON.parse(readFileSync(join(PACKAGE, '../package.json'), 'utf8'));
const content = {
  model: `open-telemetry/semantic-conventions ${git(checkout, 'rev-parse', 'HEAD').trim()}`,
  names: `@opentelemetry/semantic-conventions ${version}`,
  attributes: extract.attributes(),
  metrics: extract.metrics(),
  spans: extract.spans(),
  events: extract.events(),
};
// A line for each name: a new release is a diff that can be read.
const lines = Object.entries(content).map(([part, value]) => {
  if (typeof value === 'string' || Array.isArray(value)) return `${JSON.stringify(part)}: ${JSON.stringify(value)}`;
  return `${JSON.stringify(part)}: {\n${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}: ${JSON.stringify(each)}`)
    .join(',\n')}\n}`;
});
writeFileSync(OUT, `{\n${lines.join(',\n')}\n}\n`);
