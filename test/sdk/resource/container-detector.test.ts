// The id of the container, from /proc/self/cgroup and /proc/self/mountinfo as engines leave them; never that of a pod's sandbox, and none outside of a container.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findContainerId } from '../../../src/sdk/resource/container-detector.ts';
import { runApp } from '../../support/app.ts';
import { startReceiver } from '../../support/otlp.ts';

const ID = '4e9dc37d00ebd2daea029d84bb37764ce12d746a6f3a33c5969cee15c4fc4418';
const OTHER = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const POD = 'pod9ddb6b4c-4a5f-4cd0-b1e3-9b0e2b1a7c55';

interface Proc {
  readonly cgroup?: string;
  readonly mountinfo?: string;
}

function find({ cgroup, mountinfo }: Proc): string | undefined {
  const files: Readonly<Record<string, string | undefined>> = { '/proc/self/cgroup': cgroup, '/proc/self/mountinfo': mountinfo };
  return findContainerId((path) => files[path] ?? expect.fail(`${path} is read`));
}

const OWN_NAMESPACE = '0::/\n';
const overlay =
  '1544 1130 0:193 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/QVZ,workdir=/var/lib/docker/overlay2/work\n';

const CASES: readonly (readonly [what: string, proc: Proc, id: string | undefined])[] = [
  ['Docker, cgroup v1', { cgroup: `12:pids:/docker/${ID}\n1:name=systemd:/docker/${ID}\n` }, ID],
  ['Docker, cgroup v1 by systemd', { cgroup: `11:cpu,cpuacct:/system.slice/docker-${ID}.scope\n` }, ID],
  ['Docker, processes of a service manager inside', { cgroup: `2:cpu:/docker/${ID}/system.slice/app.service\n` }, ID],
  ['Docker in Docker: the inner one', { cgroup: `2:cpu:/docker/${OTHER}/docker/${ID}\n` }, ID],
  ['Kubernetes, cgroup v1', { cgroup: `4:memory:/kubepods/burstable/${POD}/${ID}\n` }, ID],
  ['containerd by systemd', { cgroup: `1:name=systemd:/kubepods.slice/kubepods-${POD}.slice/cri-containerd-${ID}.scope\n` }, ID],
  [
    'containerd 1.5 by systemd',
    { cgroup: `0::/system.slice/containerd.service/kubepods-besteffort-${POD}.slice:cri-containerd:${ID}\n` },
    ID,
  ],
  ['CRI-O', { cgroup: `0::/kubepods.slice/kubepods-${POD}.slice/crio-${ID}.scope\n` }, ID],
  ['Podman, cgroup v2 of the host', { cgroup: `0::/user.slice/user-1000.slice/libpod-${ID}.scope/container\n` }, ID],
  ['AWS Fargate', { cgroup: `9:perf_event:/ecs/d4b7c8/${ID.slice(0, 32)}-1234567890\n` }, `${ID.slice(0, 32)}-1234567890`],
  [
    'Docker, cgroup v2',
    {
      cgroup: OWN_NAMESPACE,
      mountinfo: `${overlay}1570 1544 8:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n`,
    },
    ID,
  ],
  [
    'Docker, cgroup v2, its folder on a disk of its own',
    { cgroup: OWN_NAMESPACE, mountinfo: `${overlay}1570 1544 8:1 /containers/${ID}/resolv.conf /etc/resolv.conf rw - ext4 /dev/sdb1 rw\n` },
    ID,
  ],
  [
    'Docker, cgroup v1 with a namespace',
    {
      cgroup: '12:pids:/\n1:name=systemd:/\n',
      mountinfo: `1 2 8:1 /var/lib/docker/containers/${ID}/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n`,
    },
    ID,
  ],
  [
    'Podman, cgroup v2',
    {
      cgroup: OWN_NAMESPACE,
      mountinfo: `4245 4237 0:94 /containers/overlay-containers/${ID}/userdata/hostname /etc/hostname rw - tmpfs tmpfs rw\n`,
    },
    ID,
  ],
  // What Kubernetes mounts is of the pod: github.com/open-telemetry/opentelemetry-js-contrib/issues/2073
  [
    "Kubernetes on containerd, cgroup v2: the sandbox's id is not the container's",
    {
      cgroup: OWN_NAMESPACE,
      mountinfo: `${overlay}4675 4659 8:1 /var/lib/rancher/k3s/agent/containerd/io.containerd.grpc.v1.cri/sandboxes/${ID}/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n`,
    },
    undefined,
  ],
  ['a machine with Docker, outside of its containers', { cgroup: '0::/user.slice/user-1000.slice/session-3.scope\n' }, undefined],
  [
    'the root of such a machine',
    { cgroup: OWN_NAMESPACE, mountinfo: `99 25 0:52 / /var/lib/docker/containers/${ID}/mounts/shm rw - tmpfs shm rw\n` },
    undefined,
  ],
  [
    'a control group with another hexadecimal name',
    { cgroup: '4:memory:/jobs/cd459564e9513429edf4ccb8a6889536\n3:cpu:/jobs\n' },
    undefined,
  ],
];

test.each(CASES)('%s', (_what, proc, id) => {
  expect(find(proc)).toBe(id);
});

test('no /proc, or no right to read it: no id, and no error', () => {
  expect(
    findContainerId(() => {
      throw new Error('ERR_ACCESS_DENIED');
    }),
  ).toBeUndefined();
});

test('telemetry has it, the environment says otherwise where it does: service.instance.id, container.id', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-container-'));
  const receiver = await startReceiver();
  try {
    const kernel = join(folder, 'kernel.cjs');
    const stub = `if (path === '/proc/self/cgroup') return '12:pids:/docker/${ID}\\n'; return read(path, ...rest);`;
    writeFileSync(kernel, `const fs = require('node:fs'); const read = fs.readFileSync; fs.readFileSync = (path, ...rest) => { ${stub} };`);
    const program = join(folder, 'app.cjs');
    writeFileSync(
      program,
      "require('node:http').createServer((_, response) => response.end()).listen(0, function () { fetch('http://127.0.0.1:' + this.address().port).then(() => process.exit()); });",
    );
    const seen = async (env: Readonly<Record<string, string>>) => {
      receiver.store.clear();
      await runApp(program, { receiver, env: { NODE_OPTIONS: `--require ${kernel}`, ...env } }).waitForExit();
      return receiver.store.spans[0]?.resource;
    };
    expect(await seen({})).toMatchObject({ 'container.id': ID, 'service.instance.id': expect.stringMatching(/^[\da-f-]{36}$/) });
    const given = {
      OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=shop.shop-0.app,container.id=given,deployment.environment.name=staging',
    };
    expect(await seen({ ...given, NODE_ENV: 'production' })).toMatchObject({
      'container.id': 'given',
      'service.instance.id': 'shop.shop-0.app',
      'deployment.environment.name': 'staging',
    });
    // NODE_ENV is `production` wherever an app is built for speed: staging too.
    expect(await seen({ NODE_ENV: 'production' })).not.toHaveProperty(['deployment.environment.name']);
    expect(await seen({ OTEL_NODE_RESOURCE_DETECTORS: 'env,process' })).not.toHaveProperty(['container.id']);
  } finally {
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
