// Says that telemetry does not arrive, and that it does again; each at most once a minute for a signal.
import { diag } from '@opentelemetry/api';
import { fail, warn } from '../diagnose/diagnostics.js';
import { counted } from '../diagnose/plural.js';
import type { PartialSuccess, SendResult } from './sender.js';

const SAY_EVERY_MS = 60_000;

interface Trouble {
  saidAt: number;
}

const troubles = new Map<string, Trouble>();

/** When the last partial success was said, by signal. */
const partialSaidAt = new Map<string, number>();
/** Longest message of a collector that is shown. */
const MAX_MESSAGE = 200;
const CONTROL_CHARACTERS = /\p{Cc}+/gu;

export function sayExportTrouble(what: string, target: string, result: SendResult): void {
  const trouble = troubles.get(what);
  if (result.status === 'sent') {
    if (trouble !== undefined) {
      troubles.delete(what);
      diag.info(`${what} reach ${target} again`);
    }
    if (result.partial !== undefined) sayPartialSuccess(what, target, result.partial);
    return;
  }
  if (trouble !== undefined && Date.now() - trouble.saidAt < SAY_EVERY_MS) return;
  troubles.set(what, { saidAt: Date.now() });
  if (result.status === 'retry') {
    warn('SIETCH091', `${what} do not reach ${target}: ${result.reason}`);
  } else {
    fail('SIETCH092', `${target} refuses ${what}: ${result.reason}`);
  }
}

function sayPartialSuccess(what: string, target: string, { rejected, unit, message }: PartialSuccess): void {
  const now = Date.now();
  if (now - (partialSaidAt.get(what) ?? Number.NEGATIVE_INFINITY) < SAY_EVERY_MS) return;
  partialSaidAt.set(what, now);
  const refused = counted(rejected, unit === 'items' ? what : unit);
  const words = message.replace(CONTROL_CHARACTERS, ' ').trim().slice(0, MAX_MESSAGE);
  warn('SIETCH146', `${target} refused ${refused}${words === '' ? '' : `: "${words}"`}`);
}
