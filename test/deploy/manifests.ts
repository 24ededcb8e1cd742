// The manifests of deploy/kubernetes: read, and their containers' environment as a kubelet makes it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../support/checkout.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly securityContext?: { readonly readOnlyRootFilesystem?: boolean };
}

export interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly { readonly name: string }[];
  };
}

const FOLDER = join(ROOT, 'deploy/kubernetes');

export const manifestFiles = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

/** @throws {Error} with the place of what is no YAML. */
export function readManifests(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS();
  });
}

/** The pod of the Deployment in this file. */
export function podOf(file: string): Pod {
  const deployment = readManifests(file).find(({ kind }) => kind === 'Deployment');
  if (!hasTemplate(deployment?.spec)) throw new Error(`${file} has no Deployment`);
  return deployment.spec.template;
}

function hasTemplate(spec: unknown): spec is { template: Pod } {
  return typeof spec === 'object' && spec !== null && 'template' in spec;
}

/**
 * Values in place of the fields of a pod, and `$(NAME)` replaced where NAME stands above, as
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ says.
 */
export function environmentOf(variables: readonly EnvVar[], fields: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of variables) {
    const field = valueFrom?.fieldRef.fieldPath;
    const text = field === undefined ? value : fields[field];
    if (text === undefined) throw new Error(`${name} has no value`);
    env[name] = text.replace(/\$\((\w+)\)/g, (reference, other: string) => env[other] ?? reference);
  }
  return env;
}
