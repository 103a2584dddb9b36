import { expect, it } from 'vitest';
import { pageOf } from './page';

it.each([
  ['/', { name: 'console' }],
  ['/hospital/', { name: 'hospital', id: null }],
  ['/hospital/n123', { name: 'hospital', id: 'n123' }],
  ['/report', { name: 'report' }],
  ['/crew/A101', { name: 'crew', id: 'A101' }],
  ['/crew/', { name: 'crew', id: null }],
  ['/major', { name: 'major', incident: null }],
  ['/tag/12', { name: 'tag', incident: 12 }],
  ['/replay', { name: 'replay' }],
  ['/elsewhere', { name: 'console' }],
])('%s', (path, page) => {
  expect(pageOf(path)).toEqual(page);
});
