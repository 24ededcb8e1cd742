// Observes node-redis 4 to 6 by its internal modules, whose names have been the same in all
// versions: above all the queue of commands and the socket of each client. (Its own tracing
// channels exist since 5.11 only, put another promise in the place of each one of the app's, and
// know nothing of pub/sub.)

import type { Counter, Histogram } from '@opentelemetry/api';
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { createInstrument } from '../../config/metric.js';
import type { RootSpans } from '../../observe/caller.js';
import { checkMembers, reportMissing } from '../../observe/library-members.js';
import { tellLive } from '../../observe/live-state.js';
import { MethodPatches } from '../../observe/method-patches.js';
import type { RedisInstruments } from '../../observe/redis/command-recorder.js';
import { ConnectSpans } from '../../observe/redis/connect-span.js';
import { METRIC_DURATION, METRIC_KEY_TRACES, METRIC_SLOW_COMMANDS } from '../../observe/redis/names.js';
import type { RedisSettings } from '../../observe/redis/settings.js';
import { packageVersion } from '../../sdk/hooks/package-version.js';
import { RequireInTheMiddleSingleton } from '../../sdk/hooks/require-hooks.js';
import { supportedRange } from '../../sdk/hooks/supported-versions.js';
import { DISTRO_VERSION } from '../../sdk/version.js';
import { type ClientPrototype, type CommanderModule, patchClient, patchCommander } from './client-patch.js';
import { type Prototype, patchClusterSlots, patchSentinel } from './cluster-patch.js';
import { CommandObserver } from './command-observer.js';
import { liveConnections } from './live-connections.js';
import { type PipelinePrototype, patchPipelines } from './pipeline.js';
import { type PoolPrototype, patchPool } from './pool-patch.js';
import { type ListPrototype, type QueueModule, QueuePatch } from './queue-patch.js';
import { type ConnectPrototype, type SocketModule, SocketPatch } from './socket-patch.js';
import { yallistOf } from './yallist.js';

const PACKAGES = ['@redis/client', '@node-redis/client'] as const;
/** Modules without which nothing is observed. */
const NEEDED = ['client/commands-queue', 'client/socket', 'client/index'];

interface Parts {
  readonly patches: MethodPatches;
  readonly observer: CommandObserver;
  readonly queues: QueuePatch;
  readonly sockets: SocketPatch;
}

interface ClassModule<Members> {
  readonly default?: { readonly prototype: Members };
}

export class NodeRedisInstrumentation extends InstrumentationBase {
  // Set by methods that the constructor of the base class calls: an initialiser would undo that.
  private declare duration: Histogram;
  private declare slowCommands: Counter;
  private declare keyTraces: Counter;
  private declare parts: Parts | undefined;
  /** Patches of modules that were there before the parts. */
  private declare early: (() => void)[] | undefined;

  constructor(settings: RedisSettings, rootSpans: RootSpans) {
    super('@sietch/otel/node-redis', DISTRO_VERSION, {});
    const instruments: RedisInstruments = {
      tracer: () => this.tracer,
      scopeName: this.instrumentationName,
      scopeVersion: this.instrumentationVersion,
      duration: () => this.duration,
      slowCommands: () => this.slowCommands,
      keyTraces: () => this.keyTraces,
    };
    const patches = new MethodPatches();
    const observer = new CommandObserver(instruments, settings, rootSpans);
    const sockets = new SocketPatch(patches, new ConnectSpans(instruments, rootSpans));
    this.parts = { patches, observer, queues: new QueuePatch(patches, observer), sockets };
    for (const patch of this.early ?? []) patch();
    this.early = undefined;
    tellLive('redis', liveConnections);
  }

  override init(): InstrumentationNodeModuleDefinition[] {
    const seen = new Set<string>();
    let isListBundled = false;
    for (const name of PACKAGES) reportUnseen(name, seen);
    // Modules are named in full: a definition of the package would be asked about each of its five
    // hundred files, and read package.json each time.
    const define = <Exports>(
      file: string,
      members: readonly string[],
      patch: (parts: Parts, exports: Exports, version: string | undefined) => void,
    ) =>
      PACKAGES.map((name) => {
        const patched = (exports: Exports, version?: string) => {
          seen.add(`${name}/${file}`);
          checkMembers(name, version, exports, members);
          this.whenReady((parts) => patch(parts, exports, version));
          return exports;
        };
        return new InstrumentationNodeModuleDefinition(`${name}/dist/lib/${file}.js`, [supportedRange(name)], patched, () =>
          this.parts?.patches.undo(),
        );
      });
    // In a bundle the plugin hands the list of node-redis 4 over under this name.
    const defineList = (name: (typeof PACKAGES)[number]) =>
      new InstrumentationNodeModuleDefinition(`${name}/yallist`, [supportedRange(name)], (exports: { prototype?: ListPrototype }) => {
        isListBundled = true;
        this.whenReady(({ queues }) => queues.patchList(exports.prototype));
        return exports;
      });
    return [
      ...PACKAGES.map(defineList),
      ...define('client/commands-queue', ['default.prototype.addCommand'], ({ queues }, exports: QueueModule, version) => {
        queues.patchQueue(exports);
        // Since version 5 the list is a module of its own.
        if (version?.startsWith('1.') !== true || isListBundled) return;
        const list = yallistOf(exports);
        if (list === undefined) reportMissing('@redis/client', version, ['yallist']);
        else queues.patchList(list);
      }),
      ...define(
        'client/linked-list',
        ['DoublyLinkedList.prototype.push', 'DoublyLinkedList.prototype.unshift'],
        ({ queues }, exports: { readonly DoublyLinkedList?: { readonly prototype: ListPrototype } }) =>
          queues.patchList(exports.DoublyLinkedList?.prototype),
      ),
      ...define('client/socket', ['default.prototype.connect'], ({ sockets }, exports: SocketModule) => sockets.patchSocket(exports)),
      ...define(
        'client/index',
        ['default.prototype.connect', 'default.prototype.sendCommand'],
        ({ patches, observer, sockets }, exports: ClassModule<ClientPrototype & ConnectPrototype & PipelinePrototype>) => {
          const prototype = exports.default?.prototype;
          sockets.patchClient(prototype);
          patchPipelines(patches, prototype);
          patchClient(patches, prototype, observer);
        },
      ),
      ...define('commander', [], ({ patches, observer }, exports: CommanderModule) => patchCommander(patches, exports, observer)),
      ...define('client/pool', [], ({ patches }, exports: { readonly RedisClientPool?: { readonly prototype: PoolPrototype } }) =>
        patchPool(patches, exports.RedisClientPool?.prototype),
      ),
      ...define('cluster/cluster-slots', [], ({ patches }, exports: ClassModule<Prototype>) =>
        patchClusterSlots(patches, exports.default?.prototype),
      ),
      ...define('sentinel/index', [], ({ patches }, exports: ClassModule<Prototype>) => patchSentinel(patches, exports.default?.prototype)),
    ].flat();
  }

  override _updateMetricInstruments(): void {
    this.duration = createInstrument(this.meter, METRIC_DURATION);
    this.slowCommands = createInstrument(this.meter, METRIC_SLOW_COMMANDS);
    this.keyTraces = createInstrument(this.meter, METRIC_KEY_TRACES);
  }

  /** The constructor of the base class may find modules that an app has imported already. */
  private whenReady(patch: (parts: Parts) => void): void {
    const { parts } = this;
    if (parts === undefined) this.early = [...(this.early ?? []), () => this.whenReady(patch)];
    else patch(parts);
  }
}

/**
 * Reports a package that has been loaded without a module that is needed: a release that has moved
 * it.
 */
function reportUnseen(name: (typeof PACKAGES)[number], seen: Set<string>): void {
  RequireInTheMiddleSingleton.getInstance().register(name, (exports, loaded, folder) => {
    if (loaded === name && folder !== undefined) {
      const missing = NEEDED.filter((file) => !seen.delete(`${name}/${file}`)).map((file) => `dist/lib/${file}.js`);
      if (missing.length > 0) reportMissing(name, packageVersion(folder), missing);
    }
    return exports;
  });
}
