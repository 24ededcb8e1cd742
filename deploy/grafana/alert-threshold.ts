// The thresholds of the alerts, read from their rules: a panel draws the line at which somebody is called, and no number is written twice.
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly runbook: string };
}

export interface AlertThreshold {
  readonly alert: string;
  /** The alert fires above it. */
  readonly above: number;
  readonly severity: string;
  /** Page and section that say what to do. */
  readonly runbook: string;
}

const FOLDER = new URL('../prometheus/', import.meta.url);

/** The rules of all `*.rules.yml`. */
export function alertRules(): readonly AlertRule[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.rules.yml'));
  return files.flatMap((file) => {
    const { groups }: { groups: { rules: AlertRule[] }[] } = parse(readFileSync(new URL(file, FOLDER), 'utf8'));
    return groups.flatMap(({ rules }) => rules);
  });
}

/** @throws {Error} when there is no such alert, or its expression does not end in `> number` */
export function alertThreshold(alert: string): AlertThreshold {
  const rule = alertRules().find((each) => each.alert === alert);
  if (rule === undefined) throw new Error(`no rules file declares the alert ${alert}`);
  const above = /> ([\d.]+)\s*$/.exec(rule.expr)?.[1];
  if (above === undefined) throw new Error(`the expression of ${alert} does not end in a threshold: ${rule.expr}`);
  return { alert, above: Number(above), severity: rule.labels.severity, runbook: rule.annotations.runbook };
}
