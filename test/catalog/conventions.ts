// Compares names with OpenTelemetry's semantic conventions: those that the names.ts files declare, and what has arrived over OTLP. The conventions are an
// extract of the model, which scripts/semantic-conventions.ts makes. As `weaver registry live-check` has it, a finding is a violation, which is to be
// mended, or an advice, which is to be answered: docs/semantic-conventions.md does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmittedMetric, EmittedName } from '../../src/config/emitted-name.js';
import type { Attributes, LogRecord, Metric, Origin, Span, Telemetry } from '../../src/view/telemetry.js';
import { ROOT } from '../support/checkout.ts';

type Level = 'required' | 'conditionally_required' | 'recommended' | 'opt_in';

interface Conventions {
  readonly attributes: Readonly<Record<string, { stability?: string; template?: true; deprecated?: string | true } | undefined>>;
  readonly metrics: Readonly<
    Record<
      string,
      | { instrument: string; unit: string; stability?: string; deprecated?: string | true; attributes?: Readonly<Record<string, Level>> }
      | undefined
    >
  >;
  readonly spans: Readonly<Record<SpanType, { kind: string; attributes: Readonly<Record<string, Level>> }>>;
  readonly events: readonly string[];
}

type SpanType =
  | 'http.server'
  | 'http.client'
  | 'db.postgresql.client'
  | 'db.redis.client'
  | 'messaging.send.producer'
  | 'messaging.process.consumer';

export const conventions: Conventions = JSON.parse(readFileSync(join(ROOT, 'test/catalog/semantic-conventions.json'), 'utf8'));

/** Under the one name that is ours. */
const OWN = /^sietch\./;
/** Of upstream's instrumentations of frameworks, which no convention knows. */
const FOREIGN = /^(?:express|nestjs)\./;
/** `http.request.header.{name}` of the declared names, `http.request.header.x-id` of telemetry. */
const TEMPLATES = Object.entries(conventions.attributes).flatMap(([name, attribute]) => (attribute?.template === true ? [`${name}.`] : []));

/** Lines that say what is wrong, and lines that say what could be better; each once. */
export class Findings {
  readonly #violations = new Set<string>();
  readonly #advice = new Set<string>();

  get violations(): string[] {
    return [...this.#violations].sort();
  }

  get advice(): string[] {
    return [...this.#advice].sort();
  }

  violation(line: string): void {
    this.#violations.add(line);
  }

  advise(line: string): void {
    this.#advice.add(line);
  }
}

/** Checks what the names.ts files declare. */
export function checkDeclared(names: readonly EmittedName[], findings: Findings): void {
  for (const name of names) {
    if (name.type === 'attribute') checkAttribute(name.name, findings);
    else if (name.type === 'metric') checkDeclaredMetric(name, findings);
    else if (name.type === 'event') checkEvent(name.name, findings);
  }
}

function checkAttribute(name: string, findings: Findings): void {
  const known = conventions.attributes[name];
  if (OWN.test(name)) return;
  if (known?.deprecated !== undefined) findings.violation(`attribute ${name} is deprecated: ${known.deprecated}`);
  else if (known !== undefined) {
    if (known.stability !== 'stable') findings.advise(`not stable: attributes ${namespaceOf(name)}.*`);
  } else if (TEMPLATES.some((template) => name.startsWith(template))) return;
  else if (FOREIGN.test(name)) findings.advise(`not in the conventions: attributes ${namespaceOf(name)}.*`);
  else findings.violation(`attribute ${name} is in no convention, and not under sietch.`);
}

const namespaceOf = (name: string) => name.split('.')[0];

function checkEvent(name: string, findings: Findings): void {
  if (!OWN.test(name) && !conventions.events.includes(name)) findings.violation(`event ${name} is in no convention, and not under sietch.`);
}

const withoutObservable = (instrument: string) => instrument.replace('observable ', '').replace('up-down counter', 'updowncounter');

function checkDeclaredMetric(metric: EmittedMetric, findings: Findings): void {
  const { name, unit, attributes } = metric;
  for (const attribute of attributes) checkAttribute(attribute, findings);
  checkMetric({ name, unit, instrument: withoutObservable(metric.instrument), attributes }, findings);
  for (const [attribute, level] of Object.entries(conventions.metrics[name]?.attributes ?? {})) {
    if (attributes.includes(attribute) || level === 'opt_in') continue;
    findings.advise(`${namespaceOf(name)}.* metrics: no ${attribute} (${level.replace('_', ' ')})`);
  }
}

interface CheckedMetric {
  readonly name: string;
  readonly unit: string;
  readonly instrument: string;
  readonly attributes: readonly string[];
}

/** The one that the user has named. */
const NAMED_STATE = /^(?:\{prefix\}\{name\}|sietch_\w+)_circuit_state$/;

function checkMetric({ name, unit, instrument, attributes }: CheckedMetric, findings: Findings): void {
  const known = conventions.metrics[name];
  if (known === undefined) {
    if (NAMED_STATE.test(name)) findings.advise('{prefix}{name}_circuit_state: not under sietch., no unit');
    else if (!OWN.test(name)) findings.violation(`metric ${name} is in no convention, and not under sietch.`);
    else if (unit === '') findings.violation(`metric ${name} has no unit`);
    return;
  }
  if (known.deprecated !== undefined) findings.violation(`metric ${name} is deprecated: ${known.deprecated}`);
  if (known.stability !== 'stable') findings.advise(`not stable: metrics ${namespaceOf(name)}.*`);
  if (known.unit !== unit) findings.violation(`metric ${name} has the unit ${unit}, not ${known.unit}`);
  if (known.instrument !== instrument) findings.violation(`metric ${name} is a ${instrument}, not a ${known.instrument}`);
  for (const attribute of attributes) {
    if (known.attributes?.[attribute] === undefined && !OWN.test(attribute))
      findings.advise(`${namespaceOf(name)}.* metrics: ${attribute} (not one of theirs)`);
  }
  for (const [attribute, level] of Object.entries(known.attributes ?? {})) {
    if (level === 'required' && !attributes.includes(attribute))
      findings.violation(`metric ${name} has no ${attribute}, which is required`);
  }
}

/** Scopes whose names we answer for; others are the app's own. */
const isOurs = ({ scope }: Origin) => /^@(?:sietch\/otel|opentelemetry\/instrumentation-)/.test(scope.name);

type Received = { readonly [Kind in keyof Telemetry]: Readonly<Telemetry[Kind]> };

/** Checks what has arrived. */
export function checkTelemetry(received: Received, schemaUrl: string, findings: Findings): void {
  const telemetry = { spans: received.spans.filter(isOurs), logs: received.logs.filter(isOurs), metrics: received.metrics.filter(isOurs) };
  for (const item of [...telemetry.spans, ...telemetry.logs, ...telemetry.metrics]) {
    const { resource, resourceSchemaUrl, scope } = item;
    if (resourceSchemaUrl !== schemaUrl)
      findings.violation(`the resource of ${scope.name} has the schema ${JSON.stringify(resourceSchemaUrl)}`);
    if (scope.schemaUrl !== schemaUrl) findings.violation(`the scope ${scope.name} has the schema ${JSON.stringify(scope.schemaUrl)}`);
    checkKeys(resource, findings);
  }
  for (const span of telemetry.spans) checkSpan(span, findings);
  for (const log of telemetry.logs) checkLog(log, findings);
  for (const metric of telemetry.metrics) checkReceivedMetric(metric, findings);
}

function checkKeys(attributes: Attributes, findings: Findings): void {
  for (const name of Object.keys(attributes)) checkAttribute(name, findings);
}

function checkSpan(span: Span, findings: Findings): void {
  const { name, attributes, events, status } = span;
  checkKeys(attributes, findings);
  for (const event of events) {
    checkEvent(event.name, findings);
    checkKeys(event.attributes, findings);
  }
  for (const link of span.links) checkKeys(link.attributes, findings);
  if (status.code === 'ERROR' && attributes['error.type'] === undefined)
    findings.violation(`span ${name} has failed and has no error.type`);
  const type = typeOf(span);
  if (type === undefined) return;
  const convention = conventions.spans[type];
  const expected = expectedName(type, attributes);
  if (span.kind !== convention.kind) findings.violation(`span ${name} is ${span.kind}, not ${convention.kind}`);
  if (name !== expected) findings.violation(`span ${name} is to be named ${expected}`);
  for (const [attribute, level] of Object.entries(convention.attributes)) {
    if (level === 'required' && attributes[attribute] === undefined)
      findings.violation(`span ${name} (${type}) has no ${attribute}, which is required`);
  }
  for (const attribute of Object.keys(attributes)) {
    if (!isOf(convention.attributes, attribute) && !isGeneral(attribute))
      findings.advise(`${type} spans: ${attribute} (not one of theirs)`);
    if (convention.attributes[attribute] === 'opt_in') findings.advise(`${type} spans: ${attribute} (opt-in)`);
  }
}

/** Our own, of the code, and those that all spans of a kind of database or of messaging must have. */
const isGeneral = (attribute: string) => OWN.test(attribute) || FOREIGN.test(attribute) || /^(?:code\.|db\.system\.name$)/.test(attribute);
const isOf = (levels: Readonly<Record<string, Level>>, attribute: string) =>
  levels[attribute] !== undefined ||
  TEMPLATES.some((template) => attribute.startsWith(template) && levels[template.slice(0, -1)] !== undefined);

function typeOf({ name, kind, attributes }: Span): SpanType | undefined {
  if (attributes['messaging.operation.type'] === 'send') return 'messaging.send.producer';
  if (attributes['messaging.operation.type'] === 'process') return 'messaging.process.consumer';
  if (attributes['http.request.method'] !== undefined) return kind === 'SERVER' ? 'http.server' : 'http.client';
  // Connections and plans are no operations: the conventions have no spans for them.
  if (/^(?:pg\.connect|pg-pool\.connect|pg\.explain|connect)$/.test(name)) return undefined;
  if (attributes['db.system.name'] === 'postgresql') return 'db.postgresql.client';
  if (attributes['db.system.name'] === 'redis') return 'db.redis.client';
  return undefined;
}

/** The sections "Name" of the pages of the conventions. */
function expectedName(type: SpanType, attributes: Attributes): string {
  const word = (name: string) => String(attributes[name] ?? '');
  const method = word('http.request.method') === '_OTHER' ? 'HTTP' : word('http.request.method');
  switch (type) {
    case 'http.server':
      return [method, word('http.route')].join(' ').trim();
    case 'http.client':
      return method;
    case 'db.postgresql.client':
      return word('db.query.summary') || word('db.namespace') || 'postgresql';
    case 'db.redis.client':
      return word('db.operation.name');
    default:
      return `${word('messaging.operation.name')} ${word('messaging.destination.name')}`;
  }
}

/** Advises what is on no span of its type. */
export function checkSpanTypes(spans: readonly Span[], findings: Findings): void {
  for (const type of new Set(spans.map(typeOf))) {
    if (type === undefined) continue;
    const seen = new Set(spans.filter((span) => typeOf(span) === type).flatMap(({ attributes }) => Object.keys(attributes)));
    for (const [attribute, level] of Object.entries(conventions.spans[type].attributes)) {
      if ((level === 'recommended' || level === 'conditionally_required') && !seen.has(attribute))
        findings.advise(`${type} spans: no ${attribute} (${level.replace('_', ' ')})`);
    }
  }
}

function checkLog({ scope, body, eventName, severityNumber, severityText, attributes }: LogRecord, findings: Findings): void {
  // The fields of the app's own lines are its own.
  const isOfApp = eventName === '';
  const subject = isOfApp ? `the line ${JSON.stringify(body)} of ${scope.name}` : `the record ${eventName}`;
  if (severityNumber === 0 || severityText === '') findings.violation(`${subject} has no severity`);
  if (isOfApp) return;
  checkEvent(eventName, findings);
  checkKeys(attributes, findings);
}

function checkReceivedMetric({ name, unit, type, monotonic, points }: Metric, findings: Findings): void {
  const instrument = type === 'sum' ? (monotonic ? 'counter' : 'updowncounter') : type;
  for (const { attributes } of points) {
    checkKeys(attributes, findings);
    checkMetric({ name, unit, instrument, attributes: Object.keys(attributes) }, findings);
  }
}
