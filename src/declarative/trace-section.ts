// `tracer_provider` of a configuration file: processors, limits, and the sampler, as variables
// where these can say it.
import type { ConfigMap, ConfigValue } from './config-value.js';
import { readProcessors } from './exporter-section.js';
import type { ParentCase, SamplerPlan } from './file-configuration.js';
import type { Variables } from './variables.js';

const SAMPLERS = ['always_on', 'always_off', 'trace_id_ratio_based', 'parent_based'];
/** Samplers in samplers: more of them has no meaning. */
const MAX_DEPTH = 4;

const SPAN_LIMITS = [
  ['attribute_value_length_limit', 'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
  ['attribute_count_limit', 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'],
  ['event_count_limit', 'OTEL_SPAN_EVENT_COUNT_LIMIT'],
  ['link_count_limit', 'OTEL_SPAN_LINK_COUNT_LIMIT'],
  ['event_attribute_count_limit', 'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT'],
  ['link_attribute_count_limit', 'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT'],
] as const;

/** What decides in each case of a parent, and what decides when nothing is said. */
const CASES: readonly (readonly [string, ParentCase, SamplerPlan['kind']])[] = [
  ['remote_parent_sampled', 'remoteParentSampled', 'always_on'],
  ['remote_parent_not_sampled', 'remoteParentNotSampled', 'always_off'],
  ['local_parent_sampled', 'localParentSampled', 'always_on'],
  ['local_parent_not_sampled', 'localParentNotSampled', 'always_off'],
];

/** Returns the sampler, when no variable can name it. */
export function readTracerProvider(map: ConfigMap, out: Variables): SamplerPlan | undefined {
  readProcessors(map, 'TRACES', 'BSP', out);
  readLimits(map.section('limits'), SPAN_LIMITS, out);
  const value = map.get('sampler');
  const plan = value === undefined || value.isNull ? undefined : readSampler(value, 1);
  readIdGenerator(map.get('id_generator'));
  map.end();
  return plan === undefined || value === undefined || isNamed(plan, value, out) ? undefined : plan;
}

export function readLimits(map: ConfigMap, limits: readonly (readonly [string, string])[], out: Variables): void {
  for (const [key, variable] of limits) {
    const limit = map.get(key);
    out.set(variable, limit, limit?.integer(0));
  }
  // Attributes here are texts, numbers, booleans or lists of them: no limit cuts anything.
  map.get('attribute_value_depth_limit')?.integer(1);
  map.end();
}

function readIdGenerator(value: ConfigValue | undefined): void {
  const name = value?.kind()?.name;
  if (name !== undefined && name !== 'random') value?.ignoreKind(name, ['random']);
}

function readSampler(value: ConfigValue, depth: number): SamplerPlan | undefined {
  const { name, value: settings } = value.kind() ?? {};
  if (name === undefined || settings === undefined) return undefined;
  switch (name) {
    case 'always_on':
    case 'always_off':
      return { kind: name };
    case 'trace_id_ratio_based':
    case 'probability/development':
      return readRatio(settings.map());
    case 'parent_based':
      if (depth <= MAX_DEPTH) return readParentBased(settings.map(), depth);
      value.ignore('samplers stand too deep in one another; it is ignored');
      return undefined;
    case 'always_record':
      value.ignore('always_record is not supported, it is ignored');
      return undefined;
    default:
      value.ignoreKind(name, SAMPLERS);
      return undefined;
  }
}

function readRatio(map: ConfigMap): SamplerPlan {
  const ratio = map.get('ratio')?.number(0, 1) ?? 1;
  map.end();
  return { kind: 'ratio', ratio };
}

function readParentBased(map: ConfigMap, depth: number): SamplerPlan {
  const child = (key: string) => {
    const value = map.get(key);
    return value === undefined || value.isNull ? undefined : readSampler(value, depth + 1);
  };
  const root = child('root') ?? { kind: 'always_on' };
  const others = CASES.flatMap(([key, name, usual]) => {
    const plan = child(key);
    return plan === undefined || plan.kind === usual ? [] : [[name, plan] as const];
  });
  map.end();
  return { kind: 'parent_based', root, ...Object.fromEntries(others) };
}

/** Sets OTEL_TRACES_SAMPLER and its argument, where they can say it. */
function isNamed(plan: SamplerPlan, value: ConfigValue, out: Variables): boolean {
  const isParentBased = plan.kind === 'parent_based';
  const root = isParentBased ? plan.root : plan;
  if (root.kind === 'parent_based' || (isParentBased && CASES.some(([, name]) => plan[name] !== undefined))) return false;
  const name = root.kind === 'ratio' ? 'traceidratio' : root.kind;
  out.set('OTEL_TRACES_SAMPLER', value, isParentBased ? `parentbased_${name}` : name);
  if (root.kind === 'ratio') out.set('OTEL_TRACES_SAMPLER_ARG', value, root.ratio);
  return true;
}
