/** A piece of one lead on the device's clock. */
export interface Piece {
  atUs: number;
  hz: number;
  microvolts: ArrayLike<number>;
  beats: readonly number[];
}

/** A piece with the name of its lead: `II`, `MLII`, `V1`. */
export type NamedPiece = Piece & { lead: string };

/** What is to be drawn next: `NaN` where no sample came. `beats` are indices into `samples`. */
export interface Drawn {
  hz: number;
  samples: Float32Array;
  beats: number[];
}

export interface Patience {
  /** How long a piece waits before it is drawn, to even out its neighbours' travel times. */
  bufferMs: number;
  /** How long the pen waits at the end of the data before it draws a gap. */
  graceMs: number;
  /** More than this behind the newest piece, the pen jumps forward. */
  delayMaxMs: number;
}

/** For pieces that are sent as soon as they are measured. */
export const STREAMED: Patience = { bufferMs: 80, graceMs: 50, delayMaxMs: 150 };
/** For pieces that are fetched four times a second. */
export const POLLED: Patience = { bufferMs: 300, graceMs: 150, delayMaxMs: 700 };
/** How wide a jump is drawn, in time of the device. */
const GAP_SHOWN_MS = 60;
/** Most time that one call may draw, so that a hidden page does not draw hours on its return. */
const STEP_MAX_MS = 2000;

interface Queued extends Piece {
  start: number;
}

/**
 * Plays a waveform at the device's pace, at most `delayMaxMs` after its pieces came. It never
 * invents a sample: what is missing or late becomes a gap.
 */
export class Playout {
  private queue: Queued[] = [];
  private hz = 0;
  private epochUs = 0;
  private cursor = 0;
  private drawnAt: number | null = null;
  private hasJumped = false;

  /** `speed`: seconds of the device's clock in one second of ours. */
  constructor(
    private speed = 1,
    private readonly patience = STREAMED,
  ) {}

  setSpeed(speed: number): void {
    this.speed = speed;
  }

  push(piece: Piece, nowMs: number): void {
    if (piece.microvolts.length === 0) return;
    if (piece.hz !== this.hz) this.restart(piece, nowMs);
    const start = Math.round(((piece.atUs - this.epochUs) * this.hz) / 1e6);
    const lead = start - this.cursorAt(nowMs);
    if (lead > this.samplesIn(this.patience.delayMaxMs)) this.jump(lead);
    else if (this.queue.length === 0 && lead < 0) this.resume(start, nowMs);
    this.queue.push({ ...piece, start });
    this.queue.sort((a, b) => a.start - b.start);
  }

  /** What the pen has passed since the last call. */
  advance(nowMs: number): Drawn | null {
    if (this.drawnAt === null || this.hz === 0) return null;
    const elapsed = Math.min(nowMs - this.drawnAt, STEP_MAX_MS);
    const wanted = Math.floor(this.cursor + this.samplesIn(elapsed)) - Math.floor(this.cursor);
    const n = this.held(wanted, elapsed);
    if (n === 0) return null;
    const drawn = this.take(Math.floor(this.cursor), n);
    const shown = this.hasJumped ? this.withGap(drawn) : drawn;
    this.hasJumped = false;
    this.cursor = n === wanted ? this.cursor + this.samplesIn(elapsed) : Math.floor(this.cursor) + n;
    this.drawnAt = nowMs;
    this.forget();
    return shown;
  }

  private restart(piece: Piece, nowMs: number): void {
    this.queue = [];
    this.hz = piece.hz;
    this.epochUs = piece.atUs;
    this.cursor = -this.samplesIn(this.patience.bufferMs);
    this.drawnAt = nowMs;
  }

  /** A late piece is drawn whole: at once if the pen has held, else after the gap it has drawn. */
  private resume(start: number, nowMs: number): void {
    const hasHeld = Math.floor(this.cursor) <= start;
    if (!hasHeld) this.cursor = start - this.samplesIn(this.patience.bufferMs);
    this.drawnAt = nowMs;
  }

  /** What is passed over shows as a gap. */
  private jump(lead: number): void {
    this.cursor += lead - this.samplesIn(this.patience.bufferMs);
    this.hasJumped = true;
  }

  private samplesIn(ms: number): number {
    return (ms * this.hz * this.speed) / 1000;
  }

  private cursorAt(nowMs: number): number {
    return this.cursor + this.samplesIn(nowMs - (this.drawnAt ?? nowMs));
  }

  /** Holds the pen for a moment at the end of the data; the next piece may be on its way. */
  private held(wanted: number, elapsedMs: number): number {
    const from = Math.floor(this.cursor);
    const last = this.queue.at(-1);
    const end = last ? last.start + last.microvolts.length : from;
    if (from + wanted <= end) return wanted;
    if (from < end) return end - from;
    return elapsedMs < this.patience.graceMs ? 0 : wanted;
  }

  private take(from: number, n: number): Drawn {
    const samples = new Float32Array(n).fill(Number.NaN);
    const beats: number[] = [];
    for (const { start, microvolts, beats: marks } of this.queue) {
      const first = Math.max(from, start);
      const end = Math.min(from + n, start + microvolts.length);
      for (let idx = first; idx < end; idx += 1) samples[idx - from] = microvolts[idx - start] ?? Number.NaN;
      for (const mark of marks) {
        const at = start + mark;
        if (at >= from && at < from + n) beats.push(at - from);
      }
    }
    return { hz: this.hz, samples, beats };
  }

  private withGap({ hz, samples, beats }: Drawn): Drawn {
    const n = Math.ceil((GAP_SHOWN_MS * hz) / 1000);
    const widened = new Float32Array(n + samples.length).fill(Number.NaN);
    widened.set(samples, n);
    return { hz, samples: widened, beats: beats.map((beat) => beat + n) };
  }

  private forget(): void {
    this.queue = this.queue.filter(({ start, microvolts }) => start + microvolts.length > this.cursor);
  }
}
