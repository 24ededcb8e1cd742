// The key of a setting as a configuration file writes it.

/** `slowQueryMs` is `slow_query_ms`. */
export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
