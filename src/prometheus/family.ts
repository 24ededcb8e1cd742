// The Prometheus metric family of a metric: its name, type and header lines, made once for each
// instrument.
import { DataPointType, type MetricData, type MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { familyName, familyUnit } from './family-name.js';

export interface Family {
  /** Name in OpenMetrics: without `_total`. */
  readonly name: string;
  /** Name of the samples of a counter or gauge, and of the family in the text format. */
  readonly sampleName: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** `# TYPE`, `# HELP` and `# UNIT` lines, by format. */
  readonly headers: { readonly openmetrics: string; readonly text: string };
}

/** promtool and some readers want a help text for every metric. */
const NO_DESCRIPTION = 'No description.';

const known = new WeakMap<MetricDescriptor, { dataPointType: DataPointType; family: Family | undefined }>();

/**
 * `undefined` when the text formats cannot hold the metric: an exponential histogram, or a name
 * without a usable character.
 */
export function familyOf(metric: MetricData): Family | undefined {
  const { descriptor, dataPointType } = metric;
  const made = known.get(descriptor);
  if (made !== undefined && made.dataPointType === dataPointType) return made.family;
  const family = createFamily(metric);
  known.set(descriptor, { dataPointType, family });
  return family;
}

function createFamily(metric: MetricData): Family | undefined {
  const { name: rawName, unit: rawUnit, description } = metric.descriptor;
  const nameType = typeOf(metric);
  if (nameType === undefined) return undefined;
  const name = familyName(rawName, rawUnit, nameType);
  if (/^_*$/.test(name)) return undefined;
  const type = nameType === 'up-down counter' ? 'gauge' : nameType;
  const sampleName = type === 'counter' ? `${name}_total` : name;
  const unit = familyUnit(name, rawUnit);
  const help = (description || NO_DESCRIPTION).replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return {
    name,
    sampleName,
    type,
    headers: {
      text: `# HELP ${sampleName} ${help}\n# TYPE ${sampleName} ${type}\n`,
      openmetrics: `# TYPE ${name} ${type}\n${unit === undefined ? '' : `# UNIT ${name} ${unit}\n`}# HELP ${name} ${help.replaceAll('"', '\\"')}\n`,
    },
  };
}

function typeOf(metric: MetricData) {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'up-down counter';
    case DataPointType.GAUGE:
      return 'gauge';
    case DataPointType.HISTOGRAM:
      return 'histogram';
    default:
      return undefined;
  }
}
