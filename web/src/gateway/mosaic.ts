/** A camera's picture as a grid of mean colours: enough for a pulse, and no face leaves the page. */
export const COLUMNS = 16;
export const ROWS = 12;
/** A channel at or above this is clipped. */
const CLIPPED_FROM = 250;

/** Where cells begin along a side of `px` pixels. */
const edges = (px: number, cells: number) => Array.from({ length: cells + 1 }, (_, idx) => Math.round((px * idx) / cells));

/**
 * Red, green, blue and the clipped share of each cell, row by row, in 256ths.
 * `rgba` has four bytes a pixel; a picture has a pixel a cell at least.
 */
export function mosaicOf(rgba: Uint8ClampedArray, width: number, height: number): number[] {
  const [across, down] = [edges(width, COLUMNS), edges(height, ROWS)];
  const cells: number[] = [];
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      cells.push(...cell(rgba, width, [across[column]!, across[column + 1]!], [down[row]!, down[row + 1]!]));
    }
  }
  return cells;
}

function cell(rgba: Uint8ClampedArray, width: number, [left, right]: [number, number], [top, bottom]: [number, number]): number[] {
  let [red, green, blue, clipped] = [0, 0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let at = 4 * (y * width + left); at < 4 * (y * width + right); at += 4) {
      const [r, g, b] = [rgba[at]!, rgba[at + 1]!, rgba[at + 2]!];
      red += r;
      green += g;
      blue += b;
      if (r >= CLIPPED_FROM || g >= CLIPPED_FROM || b >= CLIPPED_FROM) clipped++;
    }
  }
  const each = 256 / ((right - left) * (bottom - top));
  return [red, green, blue, clipped].map((sum) => Math.round(sum * each));
}
