// The exports of an ES module that can be assigned to from inside of it: what hooks replace must
// reach those that import it. Found by the forms in which packages are published, not by a parser;
// one that is not found is reported when a hook wants to replace it (SIETCH197).

/** An export, and the variable of the module that holds it. */
export interface Assignable {
  readonly exported: string;
  readonly local: string;
}

const DECLARED = /^export\s+(default\s+)?(?:(?:async\s+)?function\s*\*?|class|let|var)\s+([\w$]+)/gm;
const LISTED = /^(?:.*[;}])?\s*export\s*\{([^}]*)\}(?!\s*from\b)/gm;
const DEFAULT_NAME = /^export\s+default\s+([A-Za-z_$][\w$]*)[ \t]*;?[ \t]*$/m;
/**
 * Holds the default export of a module that names a variable for it: `export default postgres`
 * exports the value of that moment.
 */
const DEFAULT = 'sietchOtelDefault';

/** The source with its default export in a variable, where it was none; no line moves. */
export function withDefaultVariable(source: string): string {
  return source.replace(DEFAULT_NAME, (_, name) => `let ${DEFAULT}=${name};export{${DEFAULT} as default};`);
}

/** @param source of `withDefaultVariable`, without its comments */
export function assignableExports(source: string): Assignable[] {
  const declared = [...source.matchAll(DECLARED)].map(([, isDefault, local = '']) => ({ exported: isDefault ? 'default' : local, local }));
  const listed = [...source.matchAll(LISTED)].flatMap(([, list = '']) => list.split(',').flatMap(readListed));
  return [...declared, ...listed.filter(({ local }) => isVariable(source, local))];
}

function readListed(text: string): Assignable[] {
  const [, local, exported = local] = /^\s*([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(text) ?? [];
  return local === undefined || exported === undefined ? [] : [{ exported, local }];
}

/** Whether it is a variable that may be assigned to: bundlers refuse a constant or an import. */
function isVariable(source: string, name: string): boolean {
  const word = `${name.replaceAll('$', '\\$')}(?![\\w$])`;
  if (new RegExp(`\\bconst\\s+${word}|\\bimport\\b[^;'"]*[\\s{,*]${word}[^;'"]*\\bfrom\\b`).test(source)) return false;
  return new RegExp(`(?:^|[;}\\s])(?:class|function\\s*\\*?|let|var)\\s+${word}`).test(source);
}
