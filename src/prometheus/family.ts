// The Prometheus metric family of a metric: its name, type and header lines, made once for each
// instrument.
import { DataPointType, type MetricData, type MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { isLegacyName } from './escape-name.js';
import { familyUnit } from './family-name.js';
import type { Naming } from './naming.js';

export interface Family {
  /** Name in OpenMetrics: without `_total`. */
  readonly name: string;
  /** Name of the samples of a counter or gauge, and of the family in the other formats. */
  readonly sampleName: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** In words, where the name ends with it. */
  readonly unit: string | undefined;
  /** `# TYPE`, `# HELP` and `# UNIT` lines, by format. */
  readonly headers: { readonly openmetrics: string; readonly text: string };
}

/** promtool and some readers want a help text for every metric. */
const NO_DESCRIPTION = 'No description.';

type Known = WeakMap<MetricDescriptor, { readonly dataPointType: DataPointType; readonly family: Family | undefined }>;

const known = new WeakMap<Naming, Known>();

/** `undefined` for a name without a usable character. */
export function familyOf(metric: MetricData, naming: Naming): Family | undefined {
  const { descriptor, dataPointType } = metric;
  const named: Known = known.get(naming) ?? new WeakMap();
  known.set(naming, named);
  const made = named.get(descriptor);
  if (made !== undefined && made.dataPointType === dataPointType) return made.family;
  const family = createFamily(metric, naming);
  named.set(descriptor, { dataPointType, family });
  return family;
}

function createFamily(metric: MetricData, naming: Naming): Family | undefined {
  const { name: rawName, unit: rawUnit, description } = metric.descriptor;
  const nameType = typeOf(metric);
  const plainName = naming.familyName(rawName, rawUnit, nameType);
  if (/^_*$/.test(plainName)) return undefined;
  const type = nameType === 'up-down counter' ? 'gauge' : nameType;
  const sampleName = naming.escape(type === 'counter' ? `${plainName}_total` : plainName);
  const name = type === 'counter' ? sampleName.slice(0, -'_total'.length) : sampleName;
  const unit = familyUnit(name, rawUnit);
  const help = description || NO_DESCRIPTION;
  const helpText = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const [ofText, ofOpenMetrics] = [quoted(sampleName), quoted(name)];
  const unitLine = unit === undefined ? '' : `# UNIT ${ofOpenMetrics} ${unit}\n`;
  return {
    ...{ name, sampleName, type, help, unit },
    headers: {
      text: `# HELP ${ofText} ${helpText}\n# TYPE ${ofText} ${type}\n`,
      openmetrics: `# TYPE ${ofOpenMetrics} ${type}\n${unitLine}# HELP ${ofOpenMetrics} ${helpText.replaceAll('"', '\\"')}\n`,
    },
  };
}

/** The beginning of a sample, up to its first label. */
export function sampleStart(name: string): string {
  return isLegacyName(name) ? `${name}{` : `{${quoted(name)},`;
}

/** In quotes, unless it can be written without them. */
export function quoted(name: string): string {
  return isLegacyName(name) ? name : `"${escapeText(name)}"`;
}

export function escapeText(text: string): string {
  return /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
}

function typeOf(metric: MetricData) {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'up-down counter';
    case DataPointType.GAUGE:
      return 'gauge';
    default:
      return 'histogram';
  }
}
