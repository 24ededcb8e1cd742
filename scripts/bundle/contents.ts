// What the bundle contains, for people (NOTICE.txt) and for audit tools (an SBOM in CycloneDX's format): bundled packages are in no lock file of an app.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import type { Metafile } from 'esbuild';

interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly licenseText: string;
}

/** The packages of which files are in the bundles, by name. */
export function bundledPackages(root: string, metafiles: readonly Metafile[]): BundledPackage[] {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const folders = new Set(inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? []));
  return [...folders].sort().map((folder) => {
    const {
      name = '',
      version = '',
      license = '',
    }: Record<string, string> = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
    return { name, version, license, licenseText: file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8') };
  });
}

export function notice(packages: readonly BundledPackage[]): string {
  const parts = packages.map(({ name, version, license, licenseText }) => `${name} ${version} (${license})\n\n${licenseText}`);
  return `bundle.js and the files of threads contain these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n`)}`;
}

/** @param product name and version of this package */
export function sbom(product: { readonly name: string; readonly version: string }, packages: readonly BundledPackage[]): string {
  const bom = new Models.Bom();
  bom.metadata.component = componentOf(product);
  for (const { license, ...each } of packages) {
    const component = componentOf(each);
    component.licenses.add(new Models.NamedLicense(license));
    bom.components.add(component);
  }
  return new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)).serialize(bom, { sortLists: true, space: 2 });
}

function componentOf({ name, version }: { readonly name: string; readonly version: string }): Models.Component {
  const [, group, short = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return new Models.Component(Enums.ComponentType.Library, short, {
    version,
    purl,
    bomRef: purl,
    ...(group === undefined ? {} : { group }),
  });
}
