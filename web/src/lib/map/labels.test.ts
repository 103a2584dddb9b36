import { describe, expect, test } from 'vitest';
import { broken, placed } from './labels';

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

  test('one that lies over a sign is left out', () => {
    expect(placed([box(0, 0), box(0, 40)], [{ x: 10, y: 6, width: 18, height: 18 }])).toEqual([box(0, 40)]);
  });

  test('a long name is broken between words', () => {
    expect(broken('Saint James Hospital, Zejtun', 14)).toEqual(['Saint James', 'Hospital,', 'Zejtun']);
    expect(broken('医院', 14)).toEqual(['医院']);
  });
});
