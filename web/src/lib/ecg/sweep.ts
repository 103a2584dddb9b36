import type { Drawn } from './playout';

export interface SweepColours {
  ground: string;
  grid: string;
  gridStrong: string;
  trace: string;
  beat: string;
}

export interface Paper {
  /** CSS pixels of one millimetre on this screen. */
  pxPerMm: number;
  widthPx: number;
  heightPx: number;
  dpr: number;
}

const MM_PER_S = 25;
const MM_PER_MV = 10;
const ERASED_MM = 4;
const BEAT_MARK_MM = 1.5;

/** Draws ECG paper once. */
export function drawGrid(pen: CanvasRenderingContext2D, paper: Paper, colours: SweepColours): void {
  const { widthPx, heightPx, pxPerMm, dpr } = paper;
  pen.setTransform(dpr, 0, 0, dpr, 0, 0);
  pen.fillStyle = colours.ground;
  pen.fillRect(0, 0, widthPx, heightPx);
  for (const [step, colour] of [[pxPerMm, colours.grid], [5 * pxPerMm, colours.gridStrong]] as const) {
    pen.strokeStyle = colour;
    pen.lineWidth = 1 / dpr;
    pen.beginPath();
    for (let x = 0; x < widthPx; x += step) {
      pen.moveTo(x, 0);
      pen.lineTo(x, heightPx);
    }
    for (let y = heightPx / 2; y < heightPx; y += step) lineAcross(pen, y, widthPx);
    for (let y = heightPx / 2 - step; y > 0; y -= step) lineAcross(pen, y, widthPx);
    pen.stroke();
  }
}

function lineAcross(pen: CanvasRenderingContext2D, y: number, widthPx: number): void {
  pen.moveTo(0, y);
  pen.lineTo(widthPx, y);
}

/**
 * A trace that moves over the paper from left to right and starts again, erasing a little ahead
 * of itself. Only what is new is drawn: a whole-canvas redraw does not hold its frame rate.
 */
export class Sweep {
  private x = 0;
  private last: { x: number; y: number } | null = null;
  nDrawn = 0;

  constructor(
    private readonly pen: CanvasRenderingContext2D,
    private readonly paper: Paper,
    private readonly colours: SweepColours,
  ) {
    pen.setTransform(paper.dpr, 0, 0, paper.dpr, 0, 0);
    pen.clearRect(0, 0, paper.widthPx, paper.heightPx);
    pen.lineWidth = 1.6;
    pen.lineJoin = 'round';
  }

  draw({ hz, samples, beats }: Drawn): void {
    const pxPerSample = (MM_PER_S * this.paper.pxPerMm) / hz;
    let beat = 0;
    let from = 0;
    while (from < samples.length) {
      const room = Math.max(1, Math.ceil((this.paper.widthPx - this.x) / pxPerSample));
      const to = Math.min(samples.length, from + room);
      this.erase((to - from) * pxPerSample);
      const x0 = this.x;
      this.stroke(samples, from, to, pxPerSample);
      for (; beat < beats.length && (beats[beat] ?? 0) < to; beat += 1)
        this.mark(x0 + ((beats[beat] ?? 0) - from) * pxPerSample);
      if (this.x >= this.paper.widthPx) this.restart();
      from = to;
    }
  }

  private restart(): void {
    this.x = 0;
    this.last = null;
  }

  private erase(ahead: number): void {
    const { widthPx, heightPx, pxPerMm } = this.paper;
    const until = this.x + ahead + ERASED_MM * pxPerMm;
    this.pen.clearRect(this.x + 0.8, 0, until - this.x, heightPx);
    if (until > widthPx) this.pen.clearRect(0, 0, until - widthPx, heightPx);
  }

  private stroke(samples: Float32Array, from: number, to: number, pxPerSample: number): void {
    const { pen, paper } = this;
    const pxPerUv = (MM_PER_MV * paper.pxPerMm) / 1000;
    const middle = paper.heightPx * 0.58;
    pen.strokeStyle = this.colours.trace;
    pen.beginPath();
    for (let idx = from; idx < to; idx += 1) {
      const value = samples[idx] ?? Number.NaN;
      if (Number.isNaN(value)) this.last = null;
      else {
        const y = middle - value * pxPerUv;
        if (this.last) pen.moveTo(this.last.x, this.last.y);
        else pen.moveTo(this.x, y);
        pen.lineTo(this.x, y);
        this.last = { x: this.x, y };
        this.nDrawn += 1;
      }
      this.x += pxPerSample;
    }
    pen.stroke();
  }

  private mark(x: number): void {
    this.pen.fillStyle = this.colours.beat;
    this.pen.fillRect(x - 0.75, 2, 1.5, BEAT_MARK_MM * this.paper.pxPerMm);
  }
}
