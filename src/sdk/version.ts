// Name and version of the distribution, as they stand in its package.json.
export const DISTRO_NAME = '@sietch/otel';

const manifest: { readonly version: string } = require('../../package.json');

export const DISTRO_VERSION = manifest.version;
