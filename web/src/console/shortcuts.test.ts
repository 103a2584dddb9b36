import { describe, expect, it } from 'vitest';
import { shortcutOf } from './shortcuts';

const press = (key: string, more = {}) => ({ key, ctrlKey: false, altKey: false, metaKey: false, defaultPrevented: false, ...more });

describe('shortcuts', () => {
  it.each([
    ['n', false, 'new_call'], ['N', false, 'new_call'], ['n', true, null], ['F1', true, 'new_call'],
    ['Escape', true, 'close'], ['?', false, 'help'], ['x', false, null],
  ] as const)('%s while typing %s: %s', (key, typing, wish) => {
    expect(shortcutOf(press(key), typing)).toBe(wish);
  });

  it('leave the browser its own', () => {
    expect(shortcutOf(press('n', { ctrlKey: true }), false)).toBeNull();
    expect(shortcutOf(press('Escape', { defaultPrevented: true }), false)).toBeNull();
  });
});
