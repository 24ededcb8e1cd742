// The plugin of this checkout's dist/, and what esbuild needs for a bundle of ES modules. No vitest here.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';

const built: typeof import('../../src/bundler.js') = createRequire(import.meta.url)(join(ROOT, 'dist/bundler.js'));
export const { sietchOtel } = built;

/** CommonJS libraries call require() for the parts of Node. */
export const REQUIRE_BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
