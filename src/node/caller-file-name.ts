// Finds the file of the app that called us, for messages.
import { packageOf } from './loaded-packages.js';

/**
 * `file:line` of the nearest caller that belongs neither to Node, nor to OpenTelemetry, nor to this
 * package.
 */
export function callerFileName(): string | undefined {
  const { stack = '' } = new Error();
  for (const line of stack.split('\n').slice(2)) {
    const [, file, at] = /\(?(?:file:\/\/)?([^()\s]+?):(\d+):\d+\)?$/.exec(line) ?? [];
    if (file === undefined || file.startsWith('node:') || file.startsWith(__dirname)) continue;
    if (packageOf(file)?.startsWith('@opentelemetry/') || packageOf(file) === '@sietch/otel') continue;
    return `${file}:${at}`;
  }
  return undefined;
}
