import { expect, test } from 'vitest';
import { createAccess } from '../../src/prometheus/access.js';

const basic = (userAndPassword: string) => `Basic ${Buffer.from(userAndPassword).toString('base64')}`;

test('without settings everybody may scrape', () => {
  expect(createAccess({ bearerToken: '', basicAuth: '' })).toBeUndefined();
});

test('a bearer token', () => {
  const access = createAccess({ bearerToken: 's3cret', basicAuth: '' });
  expect(access?.challenge).toBe('Bearer realm="metrics"');
  expect(['Bearer s3cret', 'bearer  s3cret '].map((header) => access?.allows(header))).toEqual([true, true]);
  for (const header of [undefined, '', 's3cret', 'Bearer', 'Bearer S3CRET', 'Bearer s3cret2', 'Basic s3cret', basic('s3cret')]) {
    expect(access?.allows(header), String(header)).toBe(false);
  }
});

test('a password, with a colon and other letters in it', () => {
  const access = createAccess({ bearerToken: '', basicAuth: 'prometheus:pass:wörd' });
  expect(access?.challenge).toBe('Basic realm="metrics", charset="UTF-8"');
  expect(access?.allows(basic('prometheus:pass:wörd'))).toBe(true);
  for (const wrong of ['prometheus:pass', 'Prometheus:pass:wörd', ':']) expect(access?.allows(basic(wrong)), wrong).toBe(false);
});

test('with both set either serves', () => {
  const access = createAccess({ bearerToken: 't', basicAuth: 'u:p' });
  expect([access?.allows('Bearer t'), access?.allows(basic('u:p')), access?.allows('Bearer u:p')]).toEqual([true, true, false]);
});
