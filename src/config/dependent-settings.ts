// Reports settings that another one bounds: a batch that is larger than its queue.
import { otelSettings } from './core-settings.js';
import type { SettingsOf } from './setting.js';

type Key = keyof typeof otelSettings;

/** The first is at most the second. */
const BOUNDS: readonly (readonly [Key, Key])[] = [
  ['batchSize', 'batchQueue'],
  ['logBatchSize', 'logBatchQueue'],
];

/** One line for each that was set too large. What nobody set gives way silently. */
export function unboundedSettings(values: SettingsOf<typeof otelSettings>): string[] {
  return BOUNDS.flatMap(([key, bound]) => {
    const [value, most] = [Number(values[key]), Number(values[bound])];
    if (value <= most || value === otelSettings[key].default) return [];
    return [`${otelSettings[key].env}: expected at most ${otelSettings[bound].env} (${most}), got ${value}; using ${most}`];
  });
}
