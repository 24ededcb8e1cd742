// Takes the commands of the pages apart: those of sh blocks, of indented blocks, and those between backticks in the prose.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { codeBlocks, inlineCode } from './code-blocks.ts';

export interface ShellCommand {
  page: string;
  /** Without assignments before it, comment, redirections and what follows a pipe. */
  words: string[];
  /** Names of variables that are set for it or exported. */
  variables: string[];
}

/** In prose, text between backticks is a command only when it begins with one of these. */
const PROGRAMS = ['npx', 'npm', 'node', 'docker', 'bash'];

export function shellCommands(page: string): ShellCommand[] {
  const blocks = codeBlocks(page).filter(({ language }) => language === 'sh' || language === 'bash');
  const indented = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^ {4}(npx .*)$/gm)].map(([, line = '']) => line);
  const prose = inlineCode(page).filter((code) => PROGRAMS.includes(withoutVariables(code).split(' ')[0] ?? '') && code.includes(' '));
  const lines = [...blocks.flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n')), ...indented, ...prose];
  return lines
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.split(/&&|;|&$/))
    .map((command) => command.replace(/[|>].*$/, '').trim())
    .filter((command) => command !== '' && !/^(for|do|done)\b/.test(command))
    .map((command) => ({ page, ...parse(command) }));
}

function parse(command: string): Pick<ShellCommand, 'words' | 'variables'> {
  const variables = [...command.matchAll(/(?:^|\s)([A-Z][A-Z0-9_]*)=/g)].map(([, name = '']) => name);
  const words = withoutVariables(command).split(/\s+/);
  return { words: words[0] === '' || words[0] === 'export' ? [] : words, variables };
}

function withoutVariables(command: string): string {
  return command.replace(/^(?:[A-Z][A-Z0-9_]*=\S*\s*)+/, '');
}
