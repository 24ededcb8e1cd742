// The compose file, the collector files and what they mount agree with each other. No engine is needed: the files are read as data.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../support/checkout.ts';

interface Service {
  image?: string;
  build?: { dockerfile: string };
  command?: string[];
  ports?: string[];
  volumes?: string[];
  healthcheck?: object;
  mem_limit?: string;
  depends_on?: Record<string, { condition: string }>;
}

interface CollectorConfig {
  receivers: Record<string, unknown>;
  processors?: Record<string, unknown>;
  connectors?: Record<string, unknown>;
  exporters: Record<string, unknown>;
  extensions?: Record<string, unknown>;
  service: { extensions?: string[]; pipelines: Record<string, { receivers: string[]; processors?: string[]; exporters: string[] }> };
}

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const compose: { version?: string; services: Record<string, Service>; volumes: Record<string, unknown> } = parse(
  read('docker-compose.yml'),
  { merge: true },
);
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  it('has no version field and pins every image to an exact tag', () => {
    expect(compose.version).toBeUndefined();
    for (const [name, { image, build }] of services) expect(image, name).toMatch(build ? /:local$/ : /:v?\d+\.\d+[\w.-]*$/);
  });

  it('publishes ports on loopback only', () => {
    for (const [name, { ports = [] }] of services) for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('mounts only what exists, configuration read-only', () => {
    for (const [name, { volumes = [] }] of services) {
      for (const volume of volumes) {
        const [source = '', , mode] = volume.split(':');
        if (!source.startsWith('./')) expect(compose.volumes, `${name}: ${volume}`).toHaveProperty([source]);
        else expect([existsSync(join(ROOT, source)), mode], `${name}: ${volume}`).toEqual([true, 'ro']);
      }
    }
  });

  it('bounds the memory of every service and checks its health, but for the collector, whose image has no shell', () => {
    for (const [name, service] of services) {
      expect(service.mem_limit, name).toBeDefined();
      expect(service.healthcheck !== undefined, name).toBe(name !== 'otel-collector');
    }
  });

  it('waits for the health of those that have a check', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(condition, `${name} on ${other}`).toBe(compose.services[other]?.healthcheck ? 'service_healthy' : 'service_started');
      }
    }
  });

  it('starts files of the example that exist', () => {
    for (const [name, { build, command = [] }] of services) {
      if (build === undefined) continue;
      expect(existsSync(join(ROOT, build.dockerfile)), name).toBe(true);
      expect(existsSync(join(ROOT, command.at(-1) ?? '')), name).toBe(true);
    }
  });
});

describe.each(['otel-collector.yaml', 'deploy/collector/agent.yaml', 'deploy/collector/sampling.yaml'])('%s', (file) => {
  const config: CollectorConfig = parse(read(file));

  it('declares every component that its pipelines name, and uses every one that it declares', () => {
    const pipelines = Object.values(config.service.pipelines);
    const inputs = { ...config.receivers, ...config.connectors };
    const outputs = { ...config.exporters, ...config.connectors };
    const used = (key: 'receivers' | 'processors' | 'exporters') => new Set(pipelines.flatMap((pipeline) => pipeline[key] ?? []));
    expect(new Set(Object.keys(inputs))).toEqual(used('receivers'));
    expect(new Set(Object.keys(config.processors ?? {}))).toEqual(used('processors'));
    expect(new Set(Object.keys(outputs))).toEqual(used('exporters'));
    expect(new Set(Object.keys(config.extensions ?? {}))).toEqual(new Set(config.service.extensions));
  });

  it('names components as the collector of docker-compose.yml does: older names are deprecated', () => {
    const names = [config.receivers, config.processors, config.connectors, config.exporters].flatMap((each = {}) => Object.keys(each));
    const types = names.map((name) => name.split('/')[0]);
    for (const deprecated of ['servicegraph', 'spanmetrics', 'otlphttp', 'logging', 'batch']) expect(types).not.toContain(deprecated);
    expect(Object.keys(config.exporters).filter((name) => /^otlp($|\/)/.test(name))).toEqual([]);
  });

  it('limits memory first in every pipeline that takes OTLP', () => {
    for (const pipeline of Object.values(config.service.pipelines)) {
      if (pipeline.receivers.includes('otlp')) expect(pipeline.processors?.[0]).toBe('memory_limiter');
    }
  });
});

describe('deploy/collector/persistent-queue.yaml', () => {
  const whole: CollectorConfig = parse(read('otel-collector.yaml'));
  const option: Pick<CollectorConfig, 'extensions' | 'exporters' | 'service'> = parse(read('deploy/collector/persistent-queue.yaml'));

  it('gives a queue on disk to every exporter of otel-collector.yaml that has a queue, and keeps its extensions', () => {
    const withQueue = Object.entries(whole.exporters).filter(([, exporter]) => JSON.stringify(exporter).includes('"sending_queue"'));
    expect(Object.keys(option.exporters)).toEqual(withQueue.map(([name]) => name));
    for (const exporter of Object.values(option.exporters)) expect(exporter).toMatchObject({ sending_queue: { storage: 'file_storage' } });
    expect(option.service.extensions).toEqual([...(whole.service.extensions ?? []), ...Object.keys(option.extensions ?? {})]);
  });
});

interface ScrapeConfig {
  static_configs?: { targets: string[] }[];
  file_sd_configs?: { files: string[] }[];
}

describe('the stack', () => {
  const { scrape_configs: scrapeConfigs }: { scrape_configs: ScrapeConfig[] } = parse(read('deploy/prometheus/prometheus.yml'));

  it('lets Prometheus scrape services that exist, on ports they listen on', () => {
    const targets = scrapeConfigs.flatMap(({ static_configs = [] }) => static_configs.flatMap(({ targets }) => targets));
    for (const target of targets) {
      const [host = '', port = ''] = target.split(':');
      expect(compose.services, target).toHaveProperty([host]);
      if (host === 'otel-collector') expect(read('otel-collector.yaml'), target).toMatch(new RegExp(`:${port}"|port: ${port}`));
      else expect(port, target).toBe('9464');
    }
  });

  it('lets Prometheus find apps of this machine in files, so that none is down before there is one', () => {
    const files = scrapeConfigs.flatMap(({ file_sd_configs = [] }) => file_sd_configs.flatMap(({ files }) => files));
    expect(files).toEqual(['/etc/prometheus/targets/*.yml']);
    expect(compose.services['prometheus']?.volumes).toContain('./deploy/prometheus:/etc/prometheus:ro');
    expect(readdirSync(join(ROOT, 'deploy/prometheus/targets')).filter((file) => !file.endsWith('.yml'))).toEqual(['README.md']);
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(read('deploy/prometheus/targets/README.md')) ?? [];
    expect(parse(example)).toEqual([{ targets: ['host.docker.internal:9464'] }]);
  });

  it('has the dashboards that Grafana is told of', () => {
    const files = readdirSync(join(ROOT, 'deploy/grafana/dashboards'));
    expect(files).toContain('overview.json');
    expect(read('docker-compose.yml')).toContain('dashboards/overview.json');
  });
});
