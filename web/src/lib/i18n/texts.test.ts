import { describe, expect, it } from 'vitest';
import { en } from './en';
import { chooseLanguage } from './language';
import { zh } from './zh';

/** Every key with the kind of its text: `dispatch.sent (1)` is a sentence with one gap. */
function keysOf(node: unknown, path = ''): string[] {
  if (typeof node === 'function') return [`${path} (${node.length})`];
  if (Array.isArray(node)) return [`${path} [${node.length}]`];
  if (typeof node !== 'object' || node === null) return [path];
  return Object.entries(node).flatMap(([key, value]) => keysOf(value, path ? `${path}.${key}` : key));
}

function textsOf(node: unknown): string[] {
  if (typeof node === 'string') return [node];
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(textsOf) : [];
}

describe('texts', () => {
  it('both languages have the same keys', () => {
    expect(keysOf(zh).sort()).toEqual(keysOf(en).sort());
  });

  it('no text is empty', () => {
    expect([...textsOf(en), ...textsOf(zh)].filter((text) => text.trim() === '')).toEqual([]);
  });

  it.each([
    ['?lang=en', 'zh', 'zh-CN', 'en'],
    ['?lang=zh-CN', 'en', 'en', 'zh'],
    ['', 'en', 'zh-CN', 'en'],
    ['', null, 'zh-TW', 'zh'],
    ['', null, 'mt', 'en'],
    ['', null, '', 'en'],
  ] as const)('query %j, stored %j, browser %j: %s', (query, stored, browser, expected) => {
    expect(chooseLanguage(query, stored, browser)).toBe(expected);
  });
});
