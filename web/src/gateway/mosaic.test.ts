import { expect, it } from 'vitest';
import { COLUMNS, mosaicOf, ROWS } from './mosaic';

it('has the means of its cells, with parts of a level', () => {
  const [width, height] = [2 * COLUMNS, ROWS];
  const rgba = new Uint8ClampedArray(4 * width * height);
  for (let at = 0; at < width * height; at++) rgba.set([at % 2, at % width, 255, 255], 4 * at);
  const cells = mosaicOf(rgba, width, height);
  expect(cells.length).toBe(4 * COLUMNS * ROWS);
  expect(cells.slice(0, 4)).toEqual([128, 128, 255 * 256, 256]);
  expect(cells.slice(-4)).toEqual([128, 30.5 * 256, 255 * 256, 256]);
});
