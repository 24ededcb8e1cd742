// Builds the sampler that OTEL_TRACES_SAMPLER names, together with the rule by which it decides.
// Given in code, a sampler has no known rule: it is asked.
import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, type Sampler } from '@opentelemetry/sdk-trace';
import type { sdkSettings } from '../../config/core-settings.js';
import { onSettingsChange } from '../../config/live-settings.js';
import type { Environment } from '../../config/read.js';
import type { SettingsOf } from '../../config/setting.js';
import type { SamplerPlan } from '../../declarative/file-configuration.js';
import { warn } from '../../diagnose/diagnostics.js';
import { RatioSampler } from './ratio-sampler.js';

const VARIABLE = 'OTEL_TRACES_SAMPLER_ARG';

/** How a sampler from settings decides. */
export interface SamplingRule {
  /** The decision for a span without a parent: for all of them, or by the trace id alone. */
  readonly root: boolean | RatioSampler;
  /** A span with a parent is sampled as its parent is. */
  readonly isParentBased: boolean;
}

export interface KnownSampler {
  readonly sampler: Sampler;
  readonly rule: SamplingRule | undefined;
}

type SamplerSettings = Pick<SettingsOf<typeof sdkSettings>, 'sampler' | 'samplerArgument'>;

/** @param plan what a configuration file says that the settings cannot */
export function createSampler(settings: SamplerSettings, plan?: SamplerPlan): KnownSampler {
  if (plan !== undefined) return { sampler: buildSampler(plan), rule: undefined };
  const { sampler: name } = settings;
  const isParentBased = name.startsWith('parentbased_');
  const ratio = name.endsWith('traceidratio') ? createRatio(settings) : undefined;
  const isOn = name.endsWith('always_on');
  const root = ratio ?? (isOn ? new AlwaysOnSampler() : new AlwaysOffSampler());
  return { sampler: isParentBased ? new ParentBasedSampler({ root }) : root, rule: { root: ratio ?? isOn, isParentBased } };
}

/** Its share may change while the process runs. */
function createRatio(settings: SamplerSettings): RatioSampler {
  const ratio = new RatioSampler(settings.samplerArgument);
  onSettingsChange(settings, () => ratio.setShare(settings.samplerArgument));
  return ratio;
}

function buildSampler(plan: SamplerPlan): Sampler {
  switch (plan.kind) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'ratio':
      return new RatioSampler(plan.ratio);
    case 'parent_based': {
      const children = PARENT_CASES.flatMap((name) => {
        const child = plan[name];
        return child === undefined ? [] : [[name, buildSampler(child)] as const];
      });
      return new ParentBasedSampler({ root: buildSampler(plan.root), ...Object.fromEntries(children) });
    }
  }
}

const PARENT_CASES = ['remoteParentSampled', 'remoteParentNotSampled', 'localParentSampled', 'localParentNotSampled'] as const;

/** Reports a ratio sampler without its share: it samples every trace. */
export function requireShare(sampler: string, env: Environment, problems: string[]): void {
  if (!sampler.endsWith('traceidratio') || env[VARIABLE]?.trim()) return;
  problems.push(`${VARIABLE}: expected a number from 0 to 1 for OTEL_TRACES_SAMPLER=${sampler}, got none; using 1`);
}

/**
 * The app's sampler. Where it throws or returns no decision, the sampler from settings decides, and
 * one line says so.
 */
export class AppSampler implements Sampler {
  readonly #given: Sampler;
  readonly #fallback: Sampler;

  constructor(given: Sampler, fallback: Sampler) {
    this.#given = given;
    this.#fallback = fallback;
  }

  shouldSample(...args: Parameters<Sampler['shouldSample']>): ReturnType<Sampler['shouldSample']> {
    try {
      const result = this.#given.shouldSample(...args);
      if ([0, 1, 2].includes(result.decision)) return result;
      warnOfSampler('returned no sampling decision');
    } catch (error) {
      warnOfSampler(`threw ${error instanceof Error ? error.name : typeof error}`);
    }
    return this.#fallback.shouldSample(...args);
  }

  toString(): string {
    return 'AppSampler';
  }
}

let isWarned = false;

function warnOfSampler(what: string): void {
  if (isWarned) return;
  isWarned = true;
  warn('SIETCH172', `it ${what}`);
}
