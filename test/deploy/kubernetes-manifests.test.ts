// The manifests of deploy/kubernetes and the dashboards as ConfigMaps: valid by the schemas of Kubernetes and of the Prometheus Operator, and they fit one another.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { dashboards } from '../../deploy/grafana/dashboards.ts';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { type Container, type Manifest, manifestFiles, podOf, readManifests } from './manifests.ts';

/** Validators that are made from the schemas of Kubernetes 1.34 and of the Prometheus Operator. */
const MODELS = { 'kubernetes-models': '5.1.0', '@kubernetes-models/prometheus-operator': '6.0.0' };
const PACKAGES: Readonly<Record<string, string>> = {
  'apps/v1': 'kubernetes-models',
  v1: 'kubernetes-models',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator',
};

const all = manifestFiles.flatMap((file) =>
  readManifests(file).map((manifest): [string, Manifest] => [`${file}: ${manifest.kind}`, manifest]),
);
const ofKubernetes = all.filter(([, { apiVersion }]) => apiVersion in PACKAGES);
const PODS = ['operator.yaml', 'init-container.yaml', 'in-image.yaml'] as const;

interface Model {
  /** @throws {Error} that names the field. */
  validate(): void;
}

async function modelOf(modules: string, { apiVersion, kind, ...rest }: Manifest): Promise<Model> {
  const file = join(modules, PACKAGES[apiVersion] ?? '', apiVersion, `${kind}.js`);
  const exported: Readonly<Record<string, new (data: object) => Model>> = await import(pathToFileURL(file).href);
  const Class = exported[kind] ?? expect.fail(`${file} exports no ${kind}`);
  return new Class(rest);
}

describe('the schemas', () => {
  it.each(ofKubernetes)('%s is valid', { timeout: INSTALLING_MS }, async (_title, manifest) => {
    const modules = await installedPackages(join(cacheDirectory('kubernetes-models'), '5.1.0'), MODELS);
    (await modelOf(modules, manifest)).validate();
    const misspelt = await modelOf(modules, { ...manifest, spec: { ...Object(manifest.spec), selector: 1 } });
    expect(() => misspelt.validate()).toThrow(/selector/);
  });

  it('every manifest but the one of the OpenTelemetry Operator is checked by one', () => {
    expect(all.length - ofKubernetes.length).toBe(1);
  });
});

describe.each(PODS)('the pod of %s', (file) => {
  const { metadata, spec } = podOf(file);
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];

  it('is restricted: no root, no write into its file system, no capability', () => {
    expect(spec).toMatchObject({ securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } });
    for (const { securityContext } of containers)
      expect(securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
  });

  it('pins its images', () => {
    for (const { image } of containers) expect(image).toMatch(/:\d+\.\d+\.\d+$/);
  });

  it('names the port of the metrics, in its annotations too', () => {
    expect(spec.containers[0]?.ports).toContainEqual({ name: 'metrics', containerPort: 9464 });
    expect(metadata.annotations).toMatchObject({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9464',
      'prometheus.io/path': '/metrics',
    });
  });

  it('mounts the volumes that it has', () => {
    const names = (spec.volumes ?? []).map(({ name }) => name);
    for (const { volumeMounts = [] } of containers) for (const { name } of volumeMounts) expect(names).toContain(name);
  });
});

test('both ways without the operator set the same, but for where the preload is', () => {
  const others = ({ env = [] }: Container) => env.filter(({ name }) => name !== 'NODE_OPTIONS');
  const [fromVolume, fromImage] = ['init-container.yaml', 'in-image.yaml'].map((file) => podOf(file).spec.containers[0]);
  expect(fromVolume && others(fromVolume)).toEqual(fromImage && others(fromImage));
  expect(fromImage?.env?.find(({ name }) => name === 'NODE_OPTIONS')).toEqual({
    name: 'NODE_OPTIONS',
    value: '--require @sietch/otel/register',
  });
});

test('the Instrumentation resource: our image, and metrics that Prometheus can scrape, where the operator would set `otlp`', () => {
  const [instrumentation] = readManifests('operator.yaml');
  expect(instrumentation).toEqual({
    apiVersion: 'opentelemetry.io/v1alpha1',
    kind: 'Instrumentation',
    metadata: { name: 'sietch-otel' },
    spec: {
      exporter: { endpoint: 'http://otel-collector.observability.svc:4318' },
      propagators: ['tracecontext', 'baggage'],
      resource: { resourceAttributes: { 'deployment.environment.name': 'production' } },
      nodejs: {
        image: expect.stringMatching(/^registry\.example\.com\/sietch-otel-nodejs:/),
        env: [
          { name: 'OTEL_METRICS_EXPORTER', value: 'prometheus' },
          { name: 'OTEL_EXPORTER_PROMETHEUS_HOST', value: '0.0.0.0' },
        ],
      },
    },
  });
  expect(podOf('operator.yaml').metadata.annotations).toHaveProperty(['instrumentation.opentelemetry.io/inject-nodejs'], 'true');
});

test('PodMonitor, Service and ServiceMonitor select the pods, by the name of their port', () => {
  const [podMonitor, service, serviceMonitor] = readManifests('prometheus-operator.yaml');
  const { labels } = podOf('in-image.yaml').metadata;
  expect(podMonitor?.spec).toMatchObject({
    selector: { matchLabels: labels },
    podMetricsEndpoints: [{ port: 'metrics', path: '/metrics' }],
  });
  expect(service?.spec).toMatchObject({ selector: labels, ports: [{ name: 'metrics', targetPort: 'metrics' }] });
  expect(serviceMonitor?.spec).toMatchObject({ selector: { matchLabels: service?.metadata.labels }, endpoints: [{ port: 'metrics' }] });
});

test('the version of the image is that of the package', () => {
  const { version } = parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const file of ['deploy/kubernetes/operator.yaml', 'deploy/kubernetes/init-container.yaml', 'deploy/kubernetes/Dockerfile'])
    expect(/sietch-otel-nodejs:(\S+)/.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1], file).toBe(version);
});

test('every dashboard is a ConfigMap that Grafana finds, small enough for one', () => {
  const folder = join(ROOT, 'deploy/grafana');
  const kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  const files: string[] = kustomization.configMapGenerator.flatMap((each: { files: string[] }) => each.files);
  expect(files.sort()).toEqual(
    Object.keys(dashboards())
      .map((name) => `dashboards/${name}.json`)
      .sort(),
  );
  expect(kustomization.generatorOptions.labels).toEqual({ grafana_dashboard: '1' });
  // `kubectl apply` keeps all of it in an annotation once more, whose limit is 256 KiB.
  for (const file of files) expect(statSync(join(folder, file)).size).toBeLessThan(200_000);
});
