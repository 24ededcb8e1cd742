// Wraps `parse` of yaml in a span and a duration. The text and the error's message, which quotes it, stay in the process.
import { context, type Histogram, SpanStatusCode } from '@opentelemetry/api';
import { InstrumentationBase, type InstrumentationConfig, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { createInstrument } from '../../config/metric.js';
import type { SettingsOf } from '../../config/setting.js';
import { wantsSpan } from '../../observe/caller.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { durationSeries } from '../../observe/operation-series.js';
import type { Deferred } from '../../sdk/hooks/deferred-instrumentation.js';
import { supportedRange } from '../../sdk/hooks/supported-versions.js';
import { DISTRO_NAME, DISTRO_VERSION } from '../../sdk/version.js';
import { ATTR_OPERATION, METRIC_DURATION, SPAN_PARSE } from './names.js';
import type { yamlSettings } from './settings.js';

/** What is wrapped of the library. */
interface Yaml {
  parse(...args: readonly unknown[]): unknown;
}
type Config = InstrumentationConfig & SettingsOf<typeof yamlSettings>;

export function createYamlInstrumentation(settings: SettingsOf<typeof yamlSettings>): Deferred {
  return new YamlInstrumentation(`${DISTRO_NAME}/yaml`, DISTRO_VERSION, settings);
}

class YamlInstrumentation extends InstrumentationBase<Config> {
  protected override init(): InstrumentationNodeModuleDefinition {
    const patches = new MethodPatches();
    const patch = (yaml: Yaml) => {
      patches.replace(yaml, 'parse', (parse) => this.#observed(parse, createInstrument(this.meter, METRIC_DURATION)));
      return yaml;
    };
    return new InstrumentationNodeModuleDefinition('yaml', [supportedRange('yaml')], patch, () => patches.undo());
  }

  #observed(parse: Yaml['parse'], histogram: Histogram): Yaml['parse'] {
    const durations = durationSeries({}, ATTR_OPERATION);
    return (...args: readonly unknown[]): unknown => {
      const span = wantsSpan(context.active(), this.getConfig().requireParent) ? this.tracer.startSpan(SPAN_PARSE) : undefined;
      const started = performance.now();
      let series = durations.succeeded('parse');
      try {
        return parse(...args);
      } catch (error) {
        const type = errorType(error);
        series = durations.failed('parse', type);
        span?.setAttribute(ATTR_ERROR_TYPE, type).setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        series.of(histogram).record((performance.now() - started) / 1000, span?.spanContext());
        span?.end();
      }
    };
  }
}

/** yaml's own errors have a code of a fixed set; others (a reviver's) their class. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
