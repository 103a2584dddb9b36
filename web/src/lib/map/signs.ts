import type { UnitKind } from '../api/model';
import { rankColour, type Palette } from './palette';
import { FORMS, type UnitForm } from './unit-form';

const SIGN_RATIO = 2;
export const SIGN_PX = 34;
export const RANK_MAX = 5;
const MIDDLE = SIGN_PX / 2;
const LETTERS: Record<UnitKind, string> = { bls: 'B', als: 'A', physician: 'P', doctor_car: 'D', drone: 'F' };
const KINDS = Object.keys(LETTERS) as UnitKind[];

type Pen = CanvasRenderingContext2D;

function canvasOf(draw: (pen: Pen) => void, size = SIGN_PX): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * SIGN_RATIO;
  const pen = canvas.getContext('2d');
  if (pen) {
    pen.scale(SIGN_RATIO, SIGN_RATIO);
    draw(pen);
  }
  return canvas;
}

function circle(pen: Pen, radius: number): void {
  pen.beginPath();
  pen.arc(MIDDLE, MIDDLE, radius, 0, 2 * Math.PI);
}

function square(pen: Pen, half: number): void {
  pen.beginPath();
  pen.roundRect(MIDDLE - half, MIDDLE - half, 2 * half, 2 * half, 2);
}

function letter(pen: Pen, text: string, colour: string, sizePx = 11): void {
  pen.fillStyle = colour;
  pen.font = `700 ${sizePx}px "Inter Variable", sans-serif`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, MIDDLE, MIDDLE + 0.5);
}

function fillAndLine(pen: Pen, fill: string, line: string): void {
  pen.fillStyle = fill;
  pen.fill();
  pen.strokeStyle = line;
  pen.stroke();
}

/** A unit's sign; an old position is drawn with a broken line. */
export function unitSign(
  form: UnitForm,
  kind: UnitKind,
  isStale: boolean,
  palette: Palette,
): HTMLCanvasElement {
  const [ink, ground] = [palette['map-unit'], palette['map-unit-ground']];
  return canvasOf((pen) => {
    pen.lineWidth = 2;
    if (isStale) pen.setLineDash([3, 2.5]);
    const isRound = form.startsWith('disc') || form === 'ring' || form === 'pause';
    const isFilled = !isStale && /^(disc|square)/.test(form);
    if (form === 'dot') circle(pen, 4);
    else if (isRound) circle(pen, 9);
    else square(pen, 8.5);
    fillAndLine(pen, isFilled ? ink : ground, ink);
    if (form === 'disc_double') circle(pen, 13);
    if (form === 'square_double') square(pen, 12.5);
    if (form.endsWith('double')) pen.stroke();
    if (form === 'pause') {
      pen.fillStyle = ink;
      pen.fillRect(MIDDLE - 4, MIDDLE - 4, 2.5, 8);
      pen.fillRect(MIDDLE + 1.5, MIDDLE - 4, 2.5, 8);
    } else if (form !== 'dot') letter(pen, LETTERS[kind], isFilled ? ground : ink);
  });
}

/** The pointer of a driving unit, to be turned by its bearing. */
export function pointerSign(palette: Palette): HTMLCanvasElement {
  return canvasOf((pen) => {
    pen.fillStyle = palette['map-unit'];
    pen.beginPath();
    pen.moveTo(MIDDLE, 0);
    pen.lineTo(MIDDLE + 5, 6.5);
    pen.lineTo(MIDDLE - 5, 6.5);
    pen.fill();
  });
}

/** The outline of a priority's shape in a box of `2 * half` around the middle. */
export function rankOutline(rank: number, middle: number, half: number): [number, number][] | null {
  if (rank === 1) return [[middle, middle - half], [middle + half, middle], [middle, middle + half], [middle - half, middle]];
  if (rank === 2) {
    const [top, foot] = [middle - 0.9 * half, middle + 0.75 * half];
    return [[middle, top], [middle + half, foot], [middle - half, foot]];
  }
  if (rank === 3) {
    const side = 0.78 * half;
    return [[middle - side, middle - side], [middle + side, middle - side], [middle + side, middle + side], [middle - side, middle + side]];
  }
  return null;
}

/** An incident's sign: its priority by shape and colour, a white outline when selected. */
export function incidentSign(rank: number, isSelected: boolean, palette: Palette): HTMLCanvasElement {
  return canvasOf((pen) => {
    const outline = rankOutline(rank, MIDDLE, 11);
    if (outline) {
      pen.beginPath();
      outline.forEach(([x, y], idx) => (idx === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
      pen.closePath();
    } else circle(pen, 8.5);
    pen.lineJoin = 'round';
    pen.lineWidth = isSelected ? 6 : 3;
    pen.strokeStyle = isSelected ? palette.text : palette['map-halo'];
    pen.stroke();
    pen.fillStyle = rank > 4 ? palette['map-halo'] : rankColour(palette, rank);
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = rank > 4 ? rankColour(palette, rank) : palette['map-halo'];
    pen.stroke();
  });
}

/** A hospital's cross; one that diverts is crossed out. */
export function hospitalSign(isDiverting: boolean, palette: Palette): HTMLCanvasElement {
  return canvasOf((pen) => {
    pen.fillStyle = palette['map-hospital'];
    pen.fillRect(MIDDLE - 2.5, MIDDLE - 8, 5, 16);
    pen.fillRect(MIDDLE - 8, MIDDLE - 2.5, 16, 5);
    if (!isDiverting) return;
    for (const [width, colour] of [[5, palette['map-halo']], [2.5, palette.caution]] as const) {
      pen.lineWidth = width;
      pen.strokeStyle = colour;
      pen.beginPath();
      pen.moveTo(MIDDLE - 9, MIDDLE + 9);
      pen.lineTo(MIDDLE + 9, MIDDLE - 9);
      pen.stroke();
    }
  });
}

export function stationSign(palette: Palette): HTMLCanvasElement {
  return canvasOf((pen) => {
    pen.strokeStyle = palette['map-station'];
    pen.lineWidth = 1.6;
    pen.lineJoin = 'round';
    pen.beginPath();
    pen.moveTo(MIDDLE - 6, MIDDLE - 1);
    pen.lineTo(MIDDLE, MIDDLE - 6.5);
    pen.lineTo(MIDDLE + 6, MIDDLE - 1);
    pen.lineTo(MIDDLE + 6, MIDDLE + 6);
    pen.lineTo(MIDDLE - 6, MIDDLE + 6);
    pen.closePath();
    pen.stroke();
  });
}

/** Every sign under the name that marks have, such as `unit:disc:als:stale`. */
export function* allSigns(palette: Palette): Generator<[name: string, sign: HTMLCanvasElement]> {
  yield ['station', stationSign(palette)];
  for (const doors of ['open', 'diverting']) {
    yield [`hospital:${doors}`, hospitalSign(doors === 'diverting', palette)];
  }
  yield ['pointer', pointerSign(palette)];
  for (let rank = 1; rank <= RANK_MAX; rank += 1)
    for (const look of ['plain', 'selected']) {
      yield [`incident:${rank}:${look}`, incidentSign(rank, look === 'selected', palette)];
    }
  for (const form of FORMS)
    for (const kind of KINDS)
      for (const age of ['fresh', 'stale']) {
        yield [`unit:${form}:${kind}:${age}`, unitSign(form, kind, age === 'stale', palette)];
      }
}
