// Reports failing exports, partial success and recovery, each at most once a minute for a signal.
import { diag } from '@opentelemetry/api';
import { fail, warn } from '../diagnose/diagnostics.js';
import { counted } from '../diagnose/plural.js';
import type { PartialSuccess, SendResult } from './sender.js';

const REPORT_EVERY_MS = 60_000;

interface Trouble {
  reportedAt: number;
}

const troubles = new Map<string, Trouble>();

/** Time of the last report of a partial success, by signal. */
const partialReportedAt = new Map<string, number>();
/** Longest message of a collector that is shown. */
const MAX_MESSAGE = 200;
const CONTROL_CHARACTERS = /\p{Cc}+/gu;

export function reportExportResult(what: string, target: string, result: SendResult): void {
  const trouble = troubles.get(what);
  if (result.status === 'sent') {
    if (trouble !== undefined) {
      troubles.delete(what);
      diag.info(`${what} reach ${target} again`);
    }
    if (result.partial !== undefined) reportPartialSuccess(what, target, result.partial);
    return;
  }
  if (trouble !== undefined && Date.now() - trouble.reportedAt < REPORT_EVERY_MS) return;
  troubles.set(what, { reportedAt: Date.now() });
  if (result.status === 'retry') {
    warn('SIETCH091', `${what} do not reach ${target}: ${result.reason}`);
  } else {
    fail('SIETCH092', `${target} refuses ${what}: ${result.reason}`);
  }
}

function reportPartialSuccess(what: string, target: string, { rejected, unit, message }: PartialSuccess): void {
  const now = Date.now();
  if (now - (partialReportedAt.get(what) ?? Number.NEGATIVE_INFINITY) < REPORT_EVERY_MS) return;
  partialReportedAt.set(what, now);
  const refused = counted(rejected, unit === 'items' ? what : unit);
  const text = message.replace(CONTROL_CHARACTERS, ' ').trim().slice(0, MAX_MESSAGE);
  warn('SIETCH146', `${target} refused ${refused}${text === '' ? '' : `: "${text}"`}`);
}
