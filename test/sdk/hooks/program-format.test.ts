import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isEsModuleProgram } from '../../../src/sdk/hooks/program-format.ts';

const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-format-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text = ''): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

file('module/package.json', '{"type":"module"}');
file('commonjs/package.json', '{"type":"commonjs"}');
file('plain/package.json', '{"name":"plain"}');

describe('isEsModuleProgram', () => {
  it.each([
    ['plain/app.mjs', '', true],
    ['module/app.cjs', '', false],
    ['module/app.js', '', true],
    ['module/deep/down/app.js', '', true],
    ['module/app.ts', '', true],
    ['commonjs/app.js', 'import "x";', false],
    ['plain/required.js', 'const fs = require("fs");\n// import x from "y"\nimport("z");', false],
    ['plain/imported.js', '"use strict";\nimport fs from "node:fs";', true],
    ['plain/exported.js', 'const a = 1;\nexport { a };', true],
  ])('%s with %j: %s', (name, text, expected) => {
    expect(isEsModuleProgram(file(name, text), [])).toBe(expected);
  });

  it('follows links, adds .js and finds index.js, as node does', () => {
    const target = file('module/linked.js');
    symlinkSync(target, join(folder, 'commonjs/link.js'));
    expect(isEsModuleProgram(join(folder, 'commonjs/link.js'), [])).toBe(true);
    expect(isEsModuleProgram(join(folder, 'module/linked'), [])).toBe(true);
    file('module/folder/index.js');
    expect(isEsModuleProgram(join(folder, 'module/folder'), [])).toBe(true);
  });

  it('is false without a program, and for one that is not there', () => {
    expect(isEsModuleProgram(undefined, [])).toBe(false);
    expect(isEsModuleProgram(join(folder, 'plain/nothing.js'), [])).toBe(false);
  });

  it('is true under loaders of others, not under our own door', () => {
    const app = file('commonjs/app2.js');
    expect(isEsModuleProgram(app, ['--import=tsx'])).toBe(true);
    expect(isEsModuleProgram(app, ['--loader=x'])).toBe(true);
    expect(isEsModuleProgram(undefined, ['--input-type=module'])).toBe(true);
    expect(isEsModuleProgram(app, ['--import=@sietch/otel/register', '--enable-source-maps'])).toBe(false);
  });
});
