// Recognises the `Headers` of fetch, also those of the undici package and of polyfills. Not by `instanceof`: to ask for the global loads undici, which costs
// an app without fetch memory and time, and ends the process where WebAssembly is off (`--jitless`, `--no-expose-wasm` on Node 20 and 22).

export function isFetchHeaders(value: object): value is Headers {
  return Reflect.get(value, Symbol.toStringTag) === 'Headers';
}
