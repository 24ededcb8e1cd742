import { describe, expect, test } from 'vitest';
import { type FamilyType, familyName, familyUnit, labelName } from '../../src/prometheus/family-name.js';

// Cases of github.com/prometheus/otlptranslator (metric_namer_test.go, label_namer_test.go) for UnderscoreEscapingWithSuffixes, and of our own.
// Counters without their `_total`.
const NAMES: [name: string, unit: string, type: FamilyType, expected: string][] = [
  ['requests', '', 'counter', 'requests'],
  ['requests_total', '', 'counter', 'requests'],
  ['http.total.requests', '', 'counter', 'http_requests'],
  ['items', '1', 'counter', 'items'],
  ['cpu_usage', '1', 'gauge', 'cpu_usage_ratio'],
  ['cpu_usage_ratio', '1', 'gauge', 'cpu_usage_ratio'],
  ['active', '1', 'up-down counter', 'active'],
  ['response_time', 'ms', 'gauge', 'response_time_milliseconds'],
  ['memory_usage', 'By', 'gauge', 'memory_usage_bytes'],
  ['requests', '1/s', 'gauge', 'requests_per_second'],
  ['throughput', 'By/s', 'gauge', 'throughput_bytes_per_second'],
  ['custom_metric', 'custom_unit', 'gauge', 'custom_metric_custom_unit'],
  ['custom_metric', '{custom}', 'gauge', 'custom_metric'],
  ['custom_metric', 'By/{custom}', 'gauge', 'custom_metric_bytes'],
  ['response_time_seconds', 's', 'gauge', 'response_time_seconds'],
  ['cpu_seconds_total', 's', 'counter', 'cpu_seconds'],
  ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
  ['db.client.connection.count', '{connection}', 'up-down counter', 'db_client_connection_count'],
  ['2xx.responses', '', 'counter', '_2xx_responses'],
  ['a..b--c__d', '', 'gauge', 'a_b_c_d'],
  ['rule:name', '', 'gauge', 'rule:name'],
  ['constructor', 'toString', 'gauge', 'constructor_toString'],
  ['@#$%', '', 'gauge', ''],
  // Asked for by name: comes out exactly so, whichever unit in braces it has.
  ['sietch_paddle_circuit_state', '', 'gauge', 'sietch_paddle_circuit_state'],
  ['sietch_paddle_circuit_state', '{state}', 'gauge', 'sietch_paddle_circuit_state'],
];

test.each(NAMES)('%s in "%s", a %s, is %s', (name, unit, type, expected) => {
  expect(familyName(name, unit, type)).toBe(expected);
});

describe('the unit line', () => {
  test.each([
    ['wait_seconds', 's', 'seconds'],
    ['throughput_bytes_per_second', 'By/s', 'bytes_per_second'],
    ['fill_ratio', '1', 'ratio'],
    ['seconds_left', 's', undefined],
    ['jobs', '{job}', undefined],
    ['jobs', '', undefined],
  ])('of %s in "%s" is %s', (family, unit, expected) => {
    expect(familyUnit(family, unit)).toBe(expected);
  });
});

test.each([
  ['http.request.method', 'http_request_method'],
  ['http..method__x', 'http_method_x'],
  ['123invalid', 'key_123invalid'],
  ['_private', '_private'],
  ['__reserved__', '__reserved__'],
  ['ключ', '_'],
])('the label of %s is %s', (key, expected) => {
  expect(labelName(key)).toBe(expected);
});
