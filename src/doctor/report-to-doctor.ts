// Writes the reports that process-reports.ts reads while the doctor watches.
import { writeLine } from '../diagnose/stderr.js';

/**
 * `started`: the distribution runs; `turns`: the event loop turns, the app is loaded; `checked`:
 * the self-check is done; `checked, preloaded by the doctor`: the same, and only the doctor has
 * added the preload.
 */
export type ProcessReport = 'started' | 'turns' | 'checked' | 'checked, preloaded by the doctor';

export function reportToDoctor(report: ProcessReport): void {
  writeLine(`[sietch-otel] doctor: process ${process.pid} ${report}`);
}
