// Shows the modules of bundles to an instrumentation of a package of the app, which was made with
// another copy of @opentelemetry/instrumentation than ours: that copy hooks `require` itself, and
// sees no bundle.
import {
  type Instrumentation,
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { isTakingBundled } from './bundled-modules.js';

interface Definitions {
  getModuleDefinitions(): InstrumentationNodeModuleDefinition[];
}

interface BundleHooksConfig extends InstrumentationConfig {
  foreign: Definitions;
}

type Patch = InstrumentationNodeModuleDefinition['patch'];

export function hookBundlesFor(instrumentation: Instrumentation): void {
  const { instrumentationName: name, instrumentationVersion: version } = instrumentation;
  if (hasDefinitions(instrumentation)) new BundleHooks(name, version, { foreign: instrumentation });
}

class BundleHooks extends InstrumentationBase<BundleHooksConfig> {
  protected override init(): InstrumentationNodeModuleDefinition[] {
    return this.getConfig()
      .foreign.getModuleDefinitions()
      .map(({ name, supportedVersions, patch, files = [] }) => {
        const inner = files.map(
          (file) => new InstrumentationNodeModuleFile(file.name, file.supportedVersions, inBundles(file.patch), () => {}),
        );
        return new InstrumentationNodeModuleDefinition(name, supportedVersions, inBundles(patch), undefined, inner);
      });
  }
}

/** Outside of bundles its own hooks patch. */
function inBundles(patch: Patch): NonNullable<Patch> {
  return (exports, version) => (isTakingBundled() ? (patch?.(exports, version) ?? exports) : exports);
}

function hasDefinitions(value: object): value is Definitions {
  return 'getModuleDefinitions' in value && typeof value.getModuleDefinitions === 'function';
}
