// Environment variable substitution by the table of the specification (Configuration Data Model, "Environment variable substitution").
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../src/declarative/configuration-file.js';
import { plainValue, substitute } from '../../src/declarative/substitution.js';

const ENV = {
  STRING_VALUE: 'value',
  BOOL_VALUE: 'true',
  INT_VALUE: '1',
  FLOAT_VALUE: '1.1',
  HEX_VALUE: '0xdeadbeef',
  INVALID_MAP_VALUE: 'value\nkey:value',
  DO_NOT_REPLACE_ME: 'Never use this value',
  REPLACE_ME: '${DO_NOT_REPLACE_ME}',
  VALUE_WITH_ESCAPE: 'value$$',
  EMPTY: '',
};

test.for([
  ['${STRING_VALUE}', 'value'],
  ['${BOOL_VALUE}', true],
  ['${INT_VALUE}', 1],
  ['${FLOAT_VALUE}', 1.1],
  ['${HEX_VALUE}', 0xdeadbeef],
  ['${env:STRING_VALUE}', 'value'],
  ['${INVALID_MAP_VALUE}', 'value\nkey:value'],
  ['foo ${STRING_VALUE} ${FLOAT_VALUE}', 'foo value 1.1'],
  ['${UNDEFINED_KEY}', null],
  ['${UNDEFINED_KEY:-fallback}', 'fallback'],
  ['${EMPTY:-fallback}', 'fallback'],
  ['${REPLACE_ME}', '${DO_NOT_REPLACE_ME}'],
  ['${UNDEFINED_KEY:-${STRING_VALUE}}', '${STRING_VALUE}'],
  ['$${STRING_VALUE}', '${STRING_VALUE}'],
  ['$$${STRING_VALUE}', '$value'],
  ['$$$${STRING_VALUE}', '$${STRING_VALUE}'],
  ['$${STRING_VALUE:-fallback}', '${STRING_VALUE:-fallback}'],
  ['$${STRING_VALUE:-${STRING_VALUE}}', '${STRING_VALUE:-value}'],
  ['${UNDEFINED_KEY:-$${UNDEFINED_KEY}}', '${UNDEFINED_KEY:-${UNDEFINED_KEY}}'],
  ['${VALUE_WITH_ESCAPE}', 'value$$'],
  ['a $$ b', 'a $ b'],
  ['a $ b', 'a $ b'],
] as const)('%s', ([written, value]) => {
  expect(plainValue(substitute(written, ENV, new Set()))).toBe(value);
});

test.for(['${STRING_VALUE:?error}', '${1API_KEY}', '${API_$KEY}', '${}'])('%s is refused, and with it the file', (written) => {
  expect(() => substitute(written, ENV, new Set())).toThrow('is no reference to a variable');
  const file = `file_format: "1.0"\nresource:\n  attributes_list: ${written}\n`;
  expect(() => parseConfiguration(file, ENV, {})).toThrow(/^3:20 resource\.attributes_list: .* is no reference to a variable$/);
});

test('a quoted reference is a text, whatever the variable holds; a plain one has its type', () => {
  const limits = (value: string) =>
    parseConfiguration(`file_format: "1.0"\nattribute_limits:\n  attribute_count_limit: ${value}\n`, ENV, {});
  expect(limits('${INT_VALUE}').values.get('OTEL_ATTRIBUTE_COUNT_LIMIT')?.text).toBe('1');
  expect(limits('"${INT_VALUE}"').reports).toEqual([
    '3:26 attribute_limits.attribute_count_limit: expected an integer of at least 0, got "${INT_VALUE}"; it is ignored',
  ]);
});

test('keys are no place for references', () => {
  const { reports } = parseConfiguration('file_format: "1.0"\n${STRING_VALUE}: 1\n', ENV, {});
  expect(reports).toEqual(['2:1 ${STRING_VALUE}: unknown, it is ignored']);
});

test('a text of digits keeps its zeros', () => {
  const file = 'file_format: "1.0"\nresource:\n  attributes:\n    - name: service.name\n      value: ${NAME}\n';
  expect(parseConfiguration(file, { NAME: '007' }, {}).values.get('OTEL_SERVICE_NAME')?.text).toBe('007');
});
