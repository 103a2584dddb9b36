import { describe, expect, test } from 'vitest';
import { placed } from './labels';

const box = (x: number, y: number) => ({ x, y, width: 40, height: 12 });

describe('labels', () => {
  test('one that lies over an earlier one is left out', () => {
    expect(placed([box(0, 0), box(30, 5), box(0, 20)])).toEqual([box(0, 0), box(0, 20)]);
  });

  test('those that only touch are both shown', () => {
    expect(placed([box(0, 0), box(40, 0), box(0, 12)])).toHaveLength(3);
  });

  test('one that was left out takes no place', () => {
    expect(placed([box(0, 0), box(30, 0), box(60, 0)])).toEqual([box(0, 0), box(60, 0)]);
  });

  test('overlaps are seen over the borders of the raster and left of the frame', () => {
    expect(placed([box(110, 120), box(130, 130)])).toHaveLength(1);
    expect(placed([box(-30, -6), box(-5, -2)])).toHaveLength(1);
  });
});
