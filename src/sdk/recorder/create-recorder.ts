// Makes the flight recorder that the settings ask for, and lets the rest of the distribution find it.
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { SettingsOf } from '../../config/setting.js';
import { useTraceKeeper } from '../../context/trace-recording.js';
import { warn } from '../../diagnose/diagnostics.js';
import { SpanProcessors } from '../trace/span-processors.js';
import { FlightRecorder } from './flight-recorder.js';
import type { recorderSettings } from './settings.js';

export interface RecorderSurroundings {
  /** The processors that export. */
  readonly exporting: readonly SpanProcessor[];
  /** Whether the export queues have no room for a trace more. */
  isFull(): boolean;
}

/** Undefined when it is off, or nobody exports. */
export function createRecorder(
  settings: SettingsOf<typeof recorderSettings>,
  { exporting, isFull }: RecorderSurroundings,
): FlightRecorder | undefined {
  if (!settings.on) return undefined;
  if (exporting.length === 0) {
    warn('SIETCH288', 'OTEL_TRACES_EXPORTER=none');
    return undefined;
  }
  const recorder = new FlightRecorder({ settings, next: new SpanProcessors(exporting), isFull });
  useTraceKeeper(recorder);
  return recorder;
}
