import { expect, it } from 'vitest';
import { pageOf } from './page';

it.each([
  ['/', { name: 'console' }],
  ['/hospital/', { name: 'hospital', id: null }],
  ['/hospital/n123', { name: 'hospital', id: 'n123' }],
  ['/report', { name: 'report' }],
  ['/replay', { name: 'replay' }],
  ['/elsewhere', { name: 'console' }],
])('%s', (path, page) => {
  expect(pageOf(path)).toEqual(page);
});
