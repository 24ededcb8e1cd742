// Builds the resource: the service, host and process that telemetry comes from.
import { realpathSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { SDK_INFO } from '@opentelemetry/core';
import { detectResources, osDetector, type Resource, type ResourceDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
  ATTR_TELEMETRY_DISTRO_NAME,
  ATTR_TELEMETRY_DISTRO_VERSION,
  ATTR_TELEMETRY_SDK_LANGUAGE,
  ATTR_TELEMETRY_SDK_NAME,
  ATTR_TELEMETRY_SDK_VERSION,
} from '@opentelemetry/semantic-conventions';
import { environment } from '../../config/environment.js';
import { textOf } from '../../context/api-misuse.js';
import { readRegularFile } from '../../node/regular-file.js';
import { DISTRO_NAME, DISTRO_VERSION, SCHEMA_URL } from '../version.js';
import { containerDetector } from './container-detector.js';
import { hostDetector } from './host-detector.js';
import { programPath } from './pm2.js';
import { processDetector, serviceInstanceIdDetector } from './process-detectors.js';
import { readResourceAttributes } from './resource-attributes.js';

/**
 * In the order in which they are asked, the last one wins: what the environment says, like a
 * `service.instance.id` of Kubernetes, counts.
 */
const DETECTORS: Readonly<Record<string, ResourceDetector>> = {
  container: containerDetector,
  host: hostDetector,
  os: osDetector,
  process: processDetector,
  serviceinstance: serviceInstanceIdDetector,
  env: { detect: () => ({ attributes: Object.fromEntries(readResourceAttributes(environment(), [])) }) },
};

/** Name and version of the app, as far as the environment and its package.json tell. */
export interface Service {
  readonly name: string;
  readonly version: string | undefined;
}

/**
 * Finds out what the service is called: the resource given in code, OTEL_SERVICE_NAME,
 * OTEL_RESOURCE_ATTRIBUTES, package.json of the program (of the current folder, for an installed
 * program), `unknown_service:node`.
 */
export function findService(
  env: Readonly<Record<string, string | undefined>>,
  configured: string,
  script: string | undefined = programPath(),
  given: Resource = resourceFromAttributes({}),
): Service {
  const attributes = readResourceAttributes(env, []);
  const manifest = appManifest(script);
  const { [ATTR_SERVICE_NAME]: givenName, [ATTR_SERVICE_VERSION]: givenVersion } = given.attributes;
  return {
    name: textOf(givenName) || configured || attributes.get(ATTR_SERVICE_NAME) || manifest.name || 'unknown_service:node',
    version: textOf(givenVersion) || attributes.get(ATTR_SERVICE_VERSION) || manifest.version,
  };
}

/**
 * The resource: service and distribution, then what the detectors with these names find, then what
 * the app gave in code. The last one wins.
 */
export function createResource(service: Service, detectors: readonly string[], given: Resource): Resource {
  return describe(service, given.schemaUrl)
    .merge(detectResources({ detectors: chooseDetectors(detectors) }))
    .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: service.name }))
    .merge(given);
}

/** @param schemaUrl of the resource that the app gave: two are a conflict, which costs both */
function describe(service: Service, schemaUrl = SCHEMA_URL): Resource {
  const attributes = {
    [ATTR_TELEMETRY_SDK_NAME]: SDK_INFO[ATTR_TELEMETRY_SDK_NAME],
    [ATTR_TELEMETRY_SDK_LANGUAGE]: SDK_INFO[ATTR_TELEMETRY_SDK_LANGUAGE],
    [ATTR_TELEMETRY_SDK_VERSION]: SDK_INFO[ATTR_TELEMETRY_SDK_VERSION],
    [ATTR_TELEMETRY_DISTRO_NAME]: DISTRO_NAME,
    [ATTR_TELEMETRY_DISTRO_VERSION]: DISTRO_VERSION,
    ...(service.version === undefined ? {} : { [ATTR_SERVICE_VERSION]: service.version }),
  };
  return resourceFromAttributes(attributes, { schemaUrl });
}

function chooseDetectors(names: readonly string[]): ResourceDetector[] {
  if (names.includes('none')) return [];
  const all = names.includes('all');
  return Object.entries(DETECTORS).flatMap(([name, detector]) => (all || names.includes(name) ? detector : []));
}

/**
 * A program that is installed, like a framework's own command, has a package.json of its own: the
 * app is where it was started.
 */
function appManifest(script: string | undefined): Manifest {
  const ofFolder = script !== undefined && isInstalled(script) ? nearestPackageJson(join(currentFolder(), 'package.json')) : undefined;
  return ofFolder?.name === undefined ? (nearestPackageJson(script) ?? {}) : ofFolder;
}

/** True as well for a link on PATH to an installed program. */
function isInstalled(script: string): boolean {
  if (/[\\/]node_modules[\\/]/.test(script)) return true;
  if (extname(script) !== '') return false;
  try {
    return /[\\/]node_modules[\\/]/.test(realpathSync(script));
  } catch {
    return false;
  }
}

/** A process may stand in a folder that was removed. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}

function nearestPackageJson(script: string | undefined): Manifest | undefined {
  if (script === undefined) return undefined;
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    const found = readManifest(join(folder, 'package.json'));
    if (found?.name !== undefined || folder === dirname(folder)) return found;
  }
}

function readManifest(file: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readRegularFile(file).toString());
    if (typeof manifest !== 'object' || manifest === null) return undefined;
    const name = 'name' in manifest && typeof manifest.name === 'string' ? { name: manifest.name } : {};
    const version = 'version' in manifest && typeof manifest.version === 'string' ? { version: manifest.version } : {};
    return { ...name, ...version };
  } catch {
    return undefined;
  }
}
