// Which parts Node has loaded of itself, by the names in its sources. Imports nothing.

/** Whether `part` (`internal/streams/writable`) may be loaded; in doubt it may. */
export function mayBeBuiltinLoaded(part: string): boolean {
  const list: unknown = Reflect.get(process, 'moduleLoadList');
  return !Array.isArray(list) || list.includes(`NativeModule ${part}`);
}
