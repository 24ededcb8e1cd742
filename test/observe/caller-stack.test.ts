// The stack of a caller, as it leaves the process.
import { expect, test } from 'vitest';
import { stackText } from '../../src/observe/caller-stack.js';

test.each([
  ['at load (/srv/shop/orders.js:4:10)', 'at load (/srv/shop/orders.js:4:10)'],
  ['at async load (file:///srv/shop/orders.mjs:4:10)', 'at async load (file:///srv/shop/orders.mjs:4:10)'],
  ['at load (file:///srv/shop/orders.mjs?token=canary#canary:4:10)', 'at load (file:///srv/shop/orders.mjs:4:10)'],
  ['at file:///srv/shop/orders.mjs?token=canary:4:10', 'at file:///srv/shop/orders.mjs:4:10'],
  ['at async file:///srv/shop/orders.mjs?token=canary:4:10', 'at async file:///srv/shop/orders.mjs:4:10'],
  ["at load (data:text/javascript,const key = 'canary'; load():1:30)", 'at load (data::1:30)'],
  ['at async data:text/javascript,load(%22canary%22):1:30', 'at async data::1:30'],
  ['at data:text/javascript;base64,Y2FuYXJ5:1:30', 'at data::1:30'],
])('%s', (frame, shown) => {
  expect(stackText({ stack: `Error\n    ${frame}` })).toBe(shown);
});
