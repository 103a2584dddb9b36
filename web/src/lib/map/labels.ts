export interface Box { x: number; y: number; width: number; height: number }

/** Each box is held against those of its own cells alone. */
const CELL_PX = 128;

const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function* cells({ x, y, width, height }: Box): Generator<string> {
  for (let row = Math.floor(y / CELL_PX); row <= Math.floor((y + height) / CELL_PX); row += 1)
    for (let col = Math.floor(x / CELL_PX); col <= Math.floor((x + width) / CELL_PX); col += 1) {
      yield `${row} ${col}`;
    }
}

/** The boxes that lie over none before them: the first has its place, each next one if it is free. */
export function placed<T extends Box>(boxes: T[]): T[] {
  const taken = new Map<string, T[]>();
  return boxes.filter((box) => {
    const around = [...cells(box)];
    if (around.some((cell) => taken.get(cell)?.some((other) => overlaps(box, other)))) return false;
    for (const cell of around) taken.set(cell, [...(taken.get(cell) ?? []), box]);
    return true;
  });
}
