// Name and version of the distribution, as they stand in its package.json, and the conventions that
// its names are of.
export const DISTRO_NAME = '@sietch/otel';

const manifest: { readonly version: string } = require('../../package.json');

export const DISTRO_VERSION = manifest.version;

/** The semantic conventions of what the distribution emits; test/catalog/ compares the names. */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.45.0';
