// The diagnosis: runs all checks and sorts and prints their findings.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { settingsTables } from '../catalog/settings-tables.js';
import { otelSettings } from '../config/core-settings.js';
import { OTLP_SIGNALS } from '../config/otlp-signals.js';
import type { Environment } from '../config/read.js';
import { readSettings } from '../config/read.js';
import { type Configuration, type ConfigurationFile, readConfiguration } from '../declarative/configuration.js';
import { type Diagnostic, diagnostics, type Finding } from '../diagnose/codes.js';
import { exportersOf } from '../export/pipelines.js';
import { findService } from '../sdk/resource/resource.js';
import { type AppRunOptions, runApp } from './app-run.js';
import { checkCollector } from './collector-check.js';
import { checkEnvironment } from './environment-checks.js';
import { checkNode } from './process-checks.js';

/** Codes that the app logs when exports fail; the check of the collector names the cause. */
const SYMPTOMS = ['SIETCH090', 'SIETCH091', 'SIETCH092', 'SIETCH095'];
const COLLECTOR = /^SIETCH1(1\d|26|27|29|54)$/;

/** Causes that there may be several of: one for each setting, library or copy. */
const SEVERAL: ReadonlySet<string> = new Set(['SIETCH002', 'SIETCH120', 'SIETCH130', 'SIETCH167', 'SIETCH193', 'SIETCH194', 'SIETCH201']);

const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\])/;

export type Subject = Omit<AppRunOptions, 'env' | 'startsNothing'>;

/** @param app what to run; without it only the environment and the collector are looked at. */
export async function diagnose(env: Environment, app: Subject | undefined): Promise<Finding[]> {
  const configuration = readConfiguration(env, settingsTables);
  const findings = [...checkNode(process.versions.node), ...checkFile(configuration), ...(await checkConfigured(configuration, app))];
  const startsNothing = configuration.failure !== undefined || configuration.env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true';
  if (app !== undefined) findings.push(...(await runApp({ ...app, env, startsNothing })));
  return sorted([...findings, ...container(findings, isInContainer(env))]);
}

function checkFile({ file, failure, problems }: Configuration): Finding[] {
  return [
    ...(failure === undefined ? [] : [{ code: 'SIETCH200', detail: failure } as const]),
    ...(file?.reports ?? []).map((each) => ({ code: 'SIETCH201', detail: `${file?.location}:${each}` }) as const),
    ...problems.map((detail) => ({ code: 'SIETCH002', detail }) as const),
  ];
}

/** With a file that cannot be used nothing starts, whatever the environment is. */
async function checkConfigured({ env, failure, file }: Configuration, app: Subject | undefined): Promise<Finding[]> {
  if (failure !== undefined) return [];
  const serviceName = findService(env, env['OTEL_SERVICE_NAME'] ?? '', scriptOf(app)).name;
  return [...checkEnvironment(env, serviceName).map((finding) => withPlace(finding, file)), ...(await checkCollectors(env))];
}

/** What a file says is changed in the file. */
function withPlace(finding: Finding, file: ConfigurationFile | undefined): Finding {
  const variable = finding.code === 'SIETCH100' ? 'OTEL_SDK_DISABLED' : finding.code === 'SIETCH101' ? 'OTEL_TRACES_EXPORTER' : '';
  const value = file?.values.get(variable);
  return value === undefined ? finding : { ...finding, detail: `${file?.location}:${value.line}:${value.column} ${value.path}` };
}

/**
 * A collector that runs beside the app in the same pod is on localhost, so only one that is not
 * there is a sign.
 */
export function container(findings: readonly Finding[], inContainer: boolean): Finding[] {
  const absent = findings.find(({ code, detail }) => code === 'SIETCH111' && LOOPBACK.test(detail ?? ''));
  return inContainer && absent !== undefined ? [{ ...absent, code: 'SIETCH108' }] : [];
}

/** Docker and Podman leave a mark; Kubernetes sets a variable. */
function isInContainer(env: Environment): boolean {
  return existsSync('/.dockerenv') || existsSync('/run/.containerenv') || env['KUBERNETES_SERVICE_HOST'] !== undefined;
}

async function checkCollectors(env: Environment): Promise<Finding[]> {
  const { disabled, traces, metrics, logs } = readSettings(otelSettings, env, undefined, []);
  if (disabled) return [];
  const asked = { TRACES: traces, METRICS: metrics, LOGS: logs } as const;
  const signals = OTLP_SIGNALS.filter((signal) => exportersOf(asked[signal]).includes('otlp'));
  return (await Promise.all(signals.map((signal) => checkCollector(env, signal)))).flat();
}

/** Each cause once; symptoms only where no cause was found. */
function sorted(findings: readonly Finding[]): Finding[] {
  const byCode = new Map<string, Finding>();
  for (const finding of findings) {
    const key = SEVERAL.has(finding.code) ? `${finding.code} ${finding.detail}` : finding.code;
    if (!byCode.has(key)) byCode.set(key, finding);
  }
  const all = [...byCode.values()];
  const hasCause = all.some(({ code }) => COLLECTOR.test(code));
  return all.filter(({ code }) => !hasCause || !SYMPTOMS.includes(code)).sort((a, b) => a.code.localeCompare(b.code));
}

/** The program among the words of the command; without one, the current folder stands for it. */
function scriptOf(app: Subject | undefined): string {
  return resolve(app?.args.find((arg) => !arg.startsWith('-') && existsSync(arg)) ?? 'package.json');
}

/** Whether it keeps telemetry from arriving. */
export function isCause({ code }: Finding): boolean {
  const { isNote }: Diagnostic = diagnostics()[code];
  return isNote !== true;
}

/** The findings as text. @param isAppChecked whether an app was run */
export function report(findings: readonly Finding[], isAppChecked: boolean): string {
  const nothing = isAppChecked
    ? 'Nothing found that keeps telemetry from arriving.'
    : 'Nothing found in the environment and at the collector. Not checked: the app; give its start command after --';
  const parts = findings.map(({ code, detail }) => {
    const { what, remedy } = diagnostics()[code];
    return [
      `${code}  ${what}`,
      ...(detail === undefined || detail === '' ? [] : [`           ${detail}`]),
      `           Remedy: ${remedy}`,
    ].join('\n');
  });
  return `${[...(findings.some(isCause) ? [] : [nothing]), ...parts].join('\n\n')}\n`;
}
