// Groups collected metrics by family: the formats want all points of a family together.
import type { InstrumentationScope } from '@opentelemetry/core';
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type Family, familyOf } from './family.js';
import type { Syntax } from './format.js';
import type { Naming } from './naming.js';

/** The reason why a metric was left out. */
export type DropReason = 'conflict' | 'size' | 'format';

/** Called for each metric that is left out. */
export type OnDrop = (reason: DropReason, name: string) => void;

/** Metrics of one name, from one scope or several. */
export interface FamilyGroup {
  readonly family: Family;
  readonly members: (readonly [InstrumentationScope, MetricData])[];
}

/** One name with two types would make the whole answer invalid: the first type stays. */
export function groupByFamily(
  { scopeMetrics }: ResourceMetrics,
  syntax: Syntax,
  naming: Naming,
  onDrop: OnDrop | undefined,
): FamilyGroup[] {
  const groups: FamilyGroup[] = [];
  const byName = new Map<string, FamilyGroup>();
  for (const { scope, metrics } of scopeMetrics) {
    for (const metric of metrics) {
      const family = canHold(syntax, metric) ? familyOf(metric, naming) : undefined;
      const known = family && (byName.get(family.sampleName) ?? byName.get(family.name));
      if (family === undefined) onDrop?.('format', metric.descriptor.name);
      else if (known === undefined) {
        const group: FamilyGroup = { family, members: [[scope, metric]] };
        groups.push(group);
        byName.set(family.sampleName, group).set(family.name, group);
      } else if (known.family.type === family.type) known.members.push([scope, metric]);
      else onDrop?.('conflict', metric.descriptor.name);
    }
  }
  return groups;
}

/** The text formats have no exponential histograms. */
function canHold(syntax: Syntax, { dataPointType }: MetricData): boolean {
  return syntax === 'protobuf' || dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM;
}
