// Counts what is loaded while an app starts. Preloaded before everything else; prints its counts as the process ends.
const fs = require('node:fs');

const before = new Set(Object.keys(require.cache));
const read = new Set();
const { readFileSync, openSync } = fs;
fs.readFileSync = (path, ...rest) => {
  read.add(String(path));
  return readFileSync(path, ...rest);
};
fs.openSync = (path, ...rest) => {
  read.add(String(path));
  return openSync(path, ...rest);
};

process.on('exit', () => {
  const modules = Object.keys(require.cache).filter((path) => !before.has(path) && path.includes('node_modules'));
  const files = [...read].filter((path) => path.includes('node_modules'));
  const core = process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).length;
  process.stdout.write(`${JSON.stringify({ modules, files, core })}\n`);
});
