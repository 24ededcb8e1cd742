// Finds the code blocks of the repository's pages, and makes programs of those in JavaScript and TypeScript.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../support/checkout.ts';

export interface CodeBlock {
  /** From the root of the repository. */
  page: string;
  /** Of its first line. */
  line: number;
  language: string;
  code: string;
}

const SKIPPED = ['node_modules', '.git', 'dist', 'coverage', '.cache'];
/** Written once, not to be run again. */
const HISTORY = 'CHANGELOG.md';

/** Every Markdown file of the repository. */
export function pages(folder = ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.includes(entry.name) ? [] : pages(path);
    return entry.name.endsWith('.md') && entry.name !== HISTORY ? [relative(ROOT, path)] : [];
  });
}

/** A block that says more than its language (`js run by test/…`) has a test of its own. */
export function codeBlocks(page: string): CodeBlock[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```([a-z]*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language = '', 2: code = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    language,
    code,
  }));
}

/** Text between backticks in the prose of a page. */
export function inlineCode(page: string): string[] {
  const prose = readFileSync(join(ROOT, page), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

export interface Program {
  block: CodeBlock;
  /** An ES module in TypeScript. */
  source: string;
}

/**
 * The programs of a page: each block in JavaScript or TypeScript is one. What it uses and does not declare comes from the imports of the blocks above
 * it, or from the reader's app, for which `appNames`, exported by `./app.ts`, stand.
 */
export function programs(page: string, appNames: readonly string[]): Program[] {
  const imports = new Map<string, string>();
  return codeBlocks(page)
    .filter(({ language }) => ['js', 'ts', 'javascript', 'typescript'].includes(language))
    .map((block) => {
      const code = block.code.replace(/^const (\{[^}]*\}|\w+) = require\('([^']+)'\);/gm, "import $1 from '$2';");
      const from = new Map([...appNames.map((name): [string, string] => [name, './app.ts']), ...imports]);
      const missing = [...from].filter(([name]) => uses(code, name) && !declares(code, name));
      for (const [, names = '', module = ''] of code.matchAll(/^import \{([^}]*)\} from '([^']+)';/gm)) {
        for (const name of names.split(',')) imports.set(name.trim(), module);
      }
      const head = missing.map(([name, module]) => `import { ${name} } from '${module}';`);
      return { block, source: `${[...head, code].join('\n')}\nexport {};\n` };
    });
}

function uses(code: string, name: string): boolean {
  return new RegExp(`(?<![.\\w'])${name}\\b(?!:)`).test(code);
}

function declares(code: string, name: string): boolean {
  return new RegExp(`^(?:(?:export )?(?:const|let|function|class) ${name}\\b|(?:import|const) \\{[^}]*\\b${name}\\b)`, 'm').test(code);
}
