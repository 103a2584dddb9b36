import { describe, expect, it } from 'vitest';
import { distribution, percent, shortSpan } from './figures';

describe('figures', () => {
  it.each([[null, '–'], [9400, '9.4 s'], [60_000, '1:00'], [480_000, '8:00']])('%j ms reads %s', (ms, text) => {
    expect(shortSpan(ms)).toBe(text);
  });

  it('a missing share is not zero', () => {
    expect([percent(null), percent(0), percent(0.954)]).toEqual(['–', '0.0 %', '95.4 %']);
  });

  it('a distribution counts up to the end of each bin and adds up to one', () => {
    const bins = [{ from_ms: 0, to_ms: 60_000, n: 1 }, { from_ms: 60_000, to_ms: 120_000, n: 3 }];
    expect(distribution(bins, 60_000)).toEqual({ x: [0, 1, 2], n: [null, 1, 3], share: [0, 0.25, 1] });
    expect(distribution([], 60_000)).toEqual({ x: [0], n: [null], share: [0] });
  });
});
