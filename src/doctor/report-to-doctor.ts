// What a process of the app says of itself while the doctor watches; process-reports.ts reads it.
import { writeLine } from '../diagnose/stderr.js';

/**
 * `started`: the distribution runs; `turns`: so does the event loop, the app has been loaded; `checked`: it has looked at itself.
 * `checked, preloaded by the doctor`: and nothing but the doctor has given it the preload.
 */
export type ProcessReport = 'started' | 'turns' | 'checked' | 'checked, preloaded by the doctor';

export function reportToDoctor(report: ProcessReport): void {
  writeLine(`[sietch-otel] doctor: process ${process.pid} ${report}`);
}
