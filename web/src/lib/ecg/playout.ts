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

/** What is added to the slowest of the latest pieces' travel times. */
export const BUFFER_MS = 80;
/** How long the pen waits at the end of the data before it draws a gap. */
export const GRACE_MS = 50;
/** More than this added, and the pen jumps forward. */
export const ADDED_MAX_MS = 150;
/** How long a piece's travel time is remembered. */
const MEMORY_MS = 10_000;
/** A piece that is so much later than its fellows is a backlog, for which nobody waits. */
const BURST_MAX_MS = 1500;
/** How wide a jump is drawn, in time of the device. */
const GAP_SHOWN_MS = 60;
/** Most time that one call may draw, so that a hidden page does not draw hours on its return. */
const STEP_MAX_MS = 2000;

interface Queued {
  start: number;
  end: number;
  microvolts: ArrayLike<number>;
  beats: readonly number[];
}

/**
 * Plays a waveform at the device's pace: as late as its slowest recent piece came, and at most
 * 150 ms more. It never invents a sample: what is missing or late becomes a gap.
 *
 * Inside, all is counted in samples of the device since its first one.
 */
export class Playout {
  private queue: Queued[] = [];
  private travels: { atMs: number; lateness: number }[] = [];
  private hz = 0;
  private epochUs = 0;
  /** How far the pen is behind our clock. */
  private delay = 0;
  private drawnTo = 0;
  private heardTo = 0;
  private hasJumped = false;

  /** `speed`: seconds of the device's clock in one second of ours. */
  constructor(private speed = 1) {}

  setSpeed(speed: number): void {
    if (speed !== this.speed) this.hz = 0;
    this.speed = speed;
  }

  push(piece: Piece, nowMs: number): void {
    if (piece.microvolts.length === 0) return;
    if (piece.hz !== this.hz) this.restart(piece);
    const start = Math.round(((piece.atUs - this.epochUs) * this.hz) / 1e6);
    if (start < this.heardTo) return;
    const lateness = this.samplesIn(nowMs) - start;
    const isFirst = this.travels.length === 0;
    this.remember(nowMs, lateness);
    if (isFirst || start < this.drawnTo) this.drawFrom(start, lateness);
    this.heardTo = start + piece.microvolts.length;
    this.queue.push({ start, end: this.heardTo, microvolts: piece.microvolts, beats: piece.beats });
    this.keepUp(nowMs);
    this.forget(nowMs);
  }

  /** What the pen has passed since the last call. */
  advance(nowMs: number): Drawn | null {
    if (this.hz === 0) return null;
    const target = Math.floor(this.samplesIn(nowMs) - this.delay);
    const isLate = target - this.heardTo > this.samplesIn(GRACE_MS);
    const to = isLate ? target : Math.min(target, this.heardTo);
    const from = Math.max(this.drawnTo, to - Math.floor(this.samplesIn(STEP_MAX_MS)));
    if (to <= from) return null;
    this.hasJumped ||= from > this.drawnTo;
    const drawn = this.take(from, to - from);
    this.drawnTo = to;
    this.forget(nowMs);
    if (!this.hasJumped) return drawn;
    this.hasJumped = false;
    return this.withGap(drawn);
  }

  private restart(piece: Piece): void {
    this.queue = [];
    this.travels = [];
    this.hz = piece.hz;
    this.epochUs = piece.atUs;
    this.drawnTo = this.heardTo = 0;
    this.hasJumped = false;
  }

  private samplesIn(ms: number): number {
    return (ms * this.hz * this.speed) / 1000;
  }

  private remember(nowMs: number, lateness: number): void {
    this.travels = this.travels.filter(({ atMs }) => nowMs - atMs < MEMORY_MS);
    this.travels.push({ atMs: nowMs, lateness });
  }

  /** A first or late piece is drawn whole, after the gap that its lateness has made. */
  private drawFrom(start: number, lateness: number): void {
    this.drawnTo = start;
    this.delay = lateness + this.samplesIn(BUFFER_MS);
  }

  /** Jumps forward where the pen is later than the latest pieces make necessary. */
  private keepUp(nowMs: number): void {
    const all = this.travels.map(({ lateness }) => lateness);
    const slowest = Math.min(Math.max(...all), Math.min(...all) + this.samplesIn(BURST_MAX_MS));
    if (this.delay - slowest <= this.samplesIn(ADDED_MAX_MS)) return;
    this.delay = slowest + this.samplesIn(BUFFER_MS);
    const to = Math.floor(this.samplesIn(nowMs) - this.delay);
    if (to <= this.drawnTo) return;
    this.drawnTo = to;
    this.hasJumped = true;
  }

  private take(from: number, n: number): Drawn {
    const samples = new Float32Array(n).fill(Number.NaN);
    const marked: number[] = [];
    for (const { start, end, microvolts, beats } of this.queue) {
      const until = Math.min(from + n, end);
      for (let at = Math.max(from, start); at < until; at += 1)
        samples[at - from] = microvolts[at - start] ?? Number.NaN;
      for (const beat of beats) {
        const at = start + beat - from;
        if (at >= 0 && at < n) marked.push(at);
      }
    }
    return { hz: this.hz, samples, beats: marked };
  }

  private withGap({ hz, samples, beats }: Drawn): Drawn {
    const n = Math.ceil((GAP_SHOWN_MS * hz) / 1000);
    const widened = new Float32Array(n + samples.length).fill(Number.NaN);
    widened.set(samples, n);
    return { hz, samples: widened, beats: beats.map((beat) => beat + n) };
  }

  private forget(nowMs: number): void {
    const oldest = Math.max(this.drawnTo, this.samplesIn(nowMs - STEP_MAX_MS) - this.delay);
    this.queue = this.queue.filter(({ end }) => end > oldest);
  }
}
