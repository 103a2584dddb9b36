import { expect, test } from 'vitest';
import { bits, bytes } from './amounts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [9_994, '9.99 kB'],
  [12_345, '12.3 kB'],
  [999_499, '999 kB'],
  [999_500, '1.00 MB'],
  [4_000_000_000_000, '4000 GB'],
])('%d bytes are %s', (n, text) => expect(bytes(n)).toBe(text));

test('a rate that is not known is a dash', () => {
  expect(bits(null)).toBe('–');
  expect(bits(1_250_000)).toBe('1.25 Mbit/s');
});
