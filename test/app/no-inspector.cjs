// Makes this Node.js one without the inspector, as `configure --without-inspector` builds it. A preload.
const Module = require('node:module');

const load = Module._load;
Module._load = function (request, ...rest) {
  if (request !== 'node:inspector') return load.call(this, request, ...rest);
  throw Object.assign(new Error('Inspector is not available'), { code: 'ERR_INSPECTOR_NOT_AVAILABLE' });
};
