import { describe, expect, it } from 'vitest';
import type { ScoreTold } from '../api/model';
import { figures } from './score';

const told = (low: number | null, high: number | null): ScoreTold => ({
  id: 'x', low, high, class_low: null, class_high: null, standing: 'applies',
});

describe('a score', () => {
  it.each([
    [told(2, 2), 0, { kind: 'value', value: '2' }],
    [told(1.1666, 1.1666), 2, { kind: 'value', value: '1.17' }],
    [told(1, 3), 0, { kind: 'range', low: '1', high: '3' }],
    [told(0.2, null), 2, { kind: 'or_more', low: '0.20' }],
    [told(null, null), 0, null],
  ] as const)('%o is told as it is known', (score, decimals, expected) => {
    expect(figures(score, decimals)).toEqual(expected);
  });
});
