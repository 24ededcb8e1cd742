// Checks whether a value has a shape: what another process sends may be of another version of this
// package, or of no version at all.

type Leaf = 'number' | 'string' | 'number?' | 'string?' | 'numbers';

/** A leaf, a list of one shape, what may be left out, or an object with these members and perhaps more. */
export type Shape = Leaf | readonly [Shape] | readonly ['optional', Shape] | { readonly [member: string]: Shape };

export function hasShape(value: unknown, shape: Shape): boolean {
  if (typeof shape === 'string') return isLeaf(value, shape);
  if (isOptional(shape)) return value === undefined || hasShape(value, shape[1]);
  if (isList(shape)) return Array.isArray(value) && value.every((item) => hasShape(item, shape[0]));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(shape).every(([member, each]) => hasShape(Reflect.get(value, member), each));
}

function isLeaf(value: unknown, leaf: Leaf): boolean {
  if (leaf === 'numbers') {
    return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'number');
  }
  return typeof value === leaf.replace('?', '') || (leaf.endsWith('?') && (value === undefined || value === null));
}

function isOptional(shape: Exclude<Shape, Leaf>): shape is readonly ['optional', Shape] {
  return Array.isArray(shape) && shape.length === 2;
}

function isList(shape: readonly [Shape] | { readonly [member: string]: Shape }): shape is readonly [Shape] {
  return Array.isArray(shape);
}
