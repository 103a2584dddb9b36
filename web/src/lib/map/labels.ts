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

/** The lines of a name, broken between words where they would have more than `most` letters. */
export function broken(name: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of name.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/**
 * The boxes that lie neither over what must stay free nor over one before them: the first has its
 * place, each next one if it is free.
 */
export function placed<T extends Box>(boxes: T[], free: Box[] = []): T[] {
  const taken = new Map<string, Box[]>();
  const take = (box: Box) => {
    for (const cell of cells(box)) taken.set(cell, [...(taken.get(cell) ?? []), box]);
  };
  const isFree = (box: Box) =>
    [...cells(box)].every((cell) => !taken.get(cell)?.some((other) => overlaps(box, other)));
  free.forEach(take);
  return boxes.filter((box) => {
    if (!isFree(box)) return false;
    take(box);
    return true;
  });
}
