// Recognises runtimes that give themselves out as Node.js: Bun and Deno, whose
// `process.versions.node` names the version that they imitate.

/** Name and version; `undefined` in Node.js itself. */
export function otherRuntime(versions: NodeJS.ProcessVersions = process.versions): { name: 'Bun' | 'Deno'; version: string } | undefined {
  const { bun, deno } = versions;
  if (bun !== undefined) return { name: 'Bun', version: bun };
  return deno === undefined ? undefined : { name: 'Deno', version: deno };
}
