import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { isReplaced, MethodPatches, replaceMethod } from '../../src/observe/method-patches.ts';

class Library {
  run(_first: string, _second: string): string {
    return 'library';
  }
  async load(): Promise<string> {
    return 'library';
  }
}

/** A replacement as integrations write them. */
function observe(original: Library['run'], patches: MethodPatches): Library['run'] {
  return function run(this: Library, ...args) {
    return patches.isOn ? `observed ${original.apply(this, args)}` : original.apply(this, args);
  };
}

test('a method is replaced once, looks like the original, and is put back', () => {
  class Patched extends Library {}
  Object.defineProperty(Patched.prototype, 'run', { value: Library.prototype.run, enumerable: true, configurable: true, writable: true });
  const before = Object.getOwnPropertyDescriptor(Patched.prototype, 'run');
  const patches = new MethodPatches();
  const replace = (by: MethodPatches) => by.replace(Patched.prototype, 'run', (original) => observe(original, by));
  replace(patches);
  replace(patches);
  // Another copy of this package.
  replace(new MethodPatches());
  expect(new Patched().run('', '')).toBe('observed library');
  expect(isReplaced(Patched.prototype, 'run')).toBe(true);
  expect([Patched.prototype.run.name, Patched.prototype.run.length]).toEqual(['run', 2]);
  expect(Object.keys(Patched.prototype)).toEqual(['run']);
  patches.undo();
  expect(Object.getOwnPropertyDescriptor(Patched.prototype, 'run')).toEqual(before);
});

test('a method that somebody has wrapped since keeps the wrapper, and passes through below it until it is patched again', () => {
  class Patched {
    run(_first: string, _second: string): string {
      return 'library';
    }
  }
  const patches = new MethodPatches();
  const replace = () => patches.replace(Patched.prototype, 'run', (original) => observe(original, patches));
  replace();
  const { run } = Patched.prototype;
  Patched.prototype.run = function wrapper(...args) {
    return `wrapped ${run.apply(this, args)}`;
  };
  patches.undo();
  expect(new Patched().run('', '')).toBe('wrapped library');
  replace();
  expect(new Patched().run('', '')).toBe('wrapped observed library');
});

test('what shadows an inherited method is as visible as the other methods of its class, and is taken away again', () => {
  class Emitter extends EventEmitter {}
  class Enumerable extends EventEmitter {}
  Object.assign(Enumerable.prototype, { listen() {} });
  for (const [{ prototype }, keys] of [
    [Emitter, []],
    [Enumerable, ['listen', 'emit']],
  ] as const) {
    const patches = new MethodPatches();
    patches.replace(prototype, 'emit', (original) => {
      return function emit(this: unknown, ...args) {
        return original.apply(this, args);
      };
    });
    expect([Object.hasOwn(prototype, 'emit'), Object.keys(prototype)]).toEqual([true, keys]);
    patches.undo();
    expect(Object.hasOwn(prototype, 'emit')).toBe(false);
  }
});

test('an object of the app does not show what is replaced on it', () => {
  const emitter = new EventEmitter();
  const keys = Object.keys(emitter);
  const putBack = replaceMethod(emitter, 'emit', () => true);
  expect(Object.keys(emitter)).toEqual(keys);
  expect(emitter.emit.name).toBe('emit');
  expect([putBack(), Object.hasOwn(emitter, 'emit')]).toEqual([true, false]);
});

test('what is missing is left alone, and only async methods are taken for such', async () => {
  class Patched extends Library {
    override async load(): Promise<string> {
      return 'library';
    }
    override run(): string {
      return 'library';
    }
  }
  const missing: { run?: Library['run'] } = {};
  const patches = new MethodPatches();
  patches.replace(missing, 'run', () => () => 'observed');
  patches.replaceAsyncMethods(undefined, (original) => original);
  patches.replaceAsyncMethods(Patched.prototype, () => () => Promise.resolve('observed'));
  expect(missing).toEqual({});
  expect([await new Patched().load(), new Patched().run()]).toEqual(['observed', 'library']);
});
