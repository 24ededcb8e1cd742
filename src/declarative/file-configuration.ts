// The types of a configuration file that has been read: the settings in the form of variables, each
// with its place in the file, and what no variable can say.
import type { AttributeValue } from '@opentelemetry/api';

/** Lines and columns begin at 1. */
export interface Place {
  /** As in `tracer_provider.processors[0].batch`. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

export interface FileValue extends Place {
  /** What the variable would hold. */
  readonly text: string;
}

/** A sampler, as data. */
export type SamplerPlan =
  | { readonly kind: 'always_on' | 'always_off' }
  | { readonly kind: 'ratio'; readonly ratio: number }
  | ({ readonly kind: 'parent_based'; readonly root: SamplerPlan } & { readonly [Child in ParentCase]?: SamplerPlan });

export type ParentCase = 'remoteParentSampled' | 'remoteParentNotSampled' | 'localParentSampled' | 'localParentNotSampled';

/** `ViewOptions` of the SDK; the attribute keys become its processors. */
export interface ViewPlan {
  readonly options: Readonly<Record<string, unknown>>;
  readonly attributeKeys?: { readonly included?: readonly string[]; readonly excluded?: readonly string[] };
}

export interface FileConfiguration {
  /** By variable. */
  readonly values: ReadonlyMap<string, FileValue>;
  /** Set where OTEL_TRACES_SAMPLER cannot say it. */
  readonly sampler: SamplerPlan | undefined;
  readonly views: readonly ViewPlan[];
  /** Attributes that are no text. */
  readonly resource: Readonly<Record<string, AttributeValue>>;
  /** What is not understood, `line:column path: …`, a bounded number. */
  readonly reports: readonly string[];
  /** Variables that the file refers to. */
  readonly references: ReadonlySet<string>;
}

/** Why a file cannot be used at all. */
export class ConfigurationError extends Error {}
