// The settings of trace ids for the whole process. start() sets them; without it they are read from
// the environment at first use.
import { readSettings } from '../config/read.js';
import type { SettingsOf } from '../config/setting.js';
import { contextSettings } from './settings.js';

export interface ContextConfiguration {
  /** In lower case; undefined when it is off. */
  readonly header: string | undefined;
  readonly accept: boolean;
  readonly respond: boolean;
  readonly expose: boolean;
}

let configuration: ContextConfiguration | undefined;

/** Puts the values of `start()` in place. */
export function configureContext(settings: SettingsOf<typeof contextSettings>): void {
  const header = settings.header.toLowerCase();
  configuration = { ...settings, header: header === 'off' ? undefined : header };
}

/** The values in force. */
export function contextConfiguration(): ContextConfiguration {
  if (configuration === undefined) configureContext(readSettings(contextSettings, process.env, undefined, []));
  // The line above has set it; a second look is for the compiler.
  return configuration ?? { header: undefined, accept: false, respond: false, expose: false };
}
