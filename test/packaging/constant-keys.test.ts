// The names of attributes in the bundle: in the place of the constants that hold them, in the same columns.
import { expect, test } from 'vitest';
import { withConstantKeys } from '../../scripts/bundle/constant-keys.ts';

const before = [
  'ATTR_HTTP_ROUTE="http.route",ATTR_NAME="sietch.long.name",TWICE="twice",TWICE=other(),NUMBER=1;',
  'f({[ATTR_HTTP_ROUTE]:route,[ATTR_NAME]:name,[TWICE]:1,[NUMBER]:2});',
  'own[ATTR_HTTP_ROUTE]=given?own[ATTR_HTTP_ROUTE]:[ATTR_HTTP_ROUTE];',
];

test('keys and properties are written out; names that are longer, or not always the same, are left', () => {
  expect(withConstantKeys(before.join('\n')).split('\n')).toEqual([
    before[0],
    'f({"http.route"     :route,[ATTR_NAME]:name,[TWICE]:1,[NUMBER]:2});',
    'own["http.route"]   =given?own["http.route"]   :[ATTR_HTTP_ROUTE];',
  ]);
});
