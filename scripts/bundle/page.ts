// Builds the page of `sietch-otel view`: one script and one style sheet, which the viewer serves from dist/view/assets/.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, type BuildResult, build } from 'esbuild';

/** Bytes of script and style sheet together, gzipped: the page is part of each install. */
const MAX_BYTES = 150_000;

type Options = BuildOptions & { metafile: true; write: false };

/**
 * The files, not yet written; index.html is copied.
 * @throws {Error} when they are larger than the bound.
 */
export async function buildPage(source: string, target: string): Promise<BuildResult<Options>> {
  const options: Options = {
    entryPoints: { page: join(source, 'main.tsx'), 'page-style': join(source, 'style/page.css') },
    entryNames: '[name]',
    outdir: join(target, 'assets'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
  };
  const built = await build(options);
  const bytes = built.outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
  if (bytes > MAX_BYTES) throw new Error(`the viewer's page has ${bytes} bytes gzipped; at most ${MAX_BYTES} are wanted`);
  mkdirSync(join(target, 'assets'), { recursive: true });
  cpSync(join(source, 'index.html'), join(target, 'index.html'));
  return built;
}
