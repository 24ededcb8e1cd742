// Tells which built-in modules Node has loaded. Imports nothing.

/** Whether a built-in module (`internal/streams/writable`) may be loaded; true in doubt. */
export function mayBeBuiltinLoaded(part: string): boolean {
  const list: unknown = Reflect.get(process, 'moduleLoadList');
  return !Array.isArray(list) || list.includes(`NativeModule ${part}`);
}
