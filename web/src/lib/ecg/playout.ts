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
  /** When the first and the last sample that came were taken; `null` where all is missing. */
  taken: Taken | null;
}

/** On the device's clock. */
export interface Taken { fromUs: number; toUs: number }

/** What is added to the usual travel time, within which nine of ten of the latest pieces came. */
export const BUFFER_MS = 20;
const USUAL = 0.9;
/** How much faster than the device the pen runs to come as near to it as the travel times allow. */
export const HURRY = 0.2;
/** How long the pen waits at the end of the data before it draws a gap. */
export const GRACE_MS = 120;
/** More than this added to the slowest travel time, and the pen jumps forward. */
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
 * Plays a waveform at the device's pace, 20 ms later than nine of ten recent pieces came. For a
 * slower piece it waits up to 120 ms; what is later or missing becomes a gap. Where the pen is later
 * than it must be it runs a fifth faster, and it jumps when it is 150 ms later than the slowest
 * piece. It never invents a sample.
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
  /** How late nine of ten recent pieces came at most, and how late the slowest. */
  private usual = 0;
  private slowest = 0;
  private advancedAtMs = 0;
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
    this.hurry(nowMs);
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
    const sorted = this.travels.map(({ lateness }) => lateness).sort((a, b) => a - b);
    const most = (sorted[0] ?? 0) + this.samplesIn(BURST_MAX_MS);
    const within = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
    this.usual = Math.min(within(USUAL), most);
    this.slowest = Math.min(within(1), most);
  }

  /** A first or late piece is drawn whole, after the gap that its lateness has made. */
  private drawFrom(start: number, lateness: number): void {
    this.drawnTo = start;
    this.delay = lateness + this.samplesIn(BUFFER_MS);
  }

  /** Runs a little faster while the pen is later than it must be. */
  private hurry(nowMs: number): void {
    const passed = this.samplesIn(Math.min(nowMs - this.advancedAtMs, STEP_MAX_MS));
    const excess = this.delay - this.usual - this.samplesIn(BUFFER_MS);
    this.advancedAtMs = nowMs;
    this.delay -= Math.min(Math.max(excess, 0), HURRY * passed);
  }

  /** Jumps forward where the pen is later than the latest pieces make necessary. */
  private keepUp(nowMs: number): void {
    if (this.delay - this.slowest <= this.samplesIn(ADDED_MAX_MS)) return;
    this.delay = this.slowest + this.samplesIn(BUFFER_MS);
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
    return { hz: this.hz, samples, beats: marked, taken: this.takenIn(from, samples) };
  }

  private takenIn(from: number, samples: Float32Array): Taken | null {
    const first = samples.findIndex((sample) => !Number.isNaN(sample));
    if (first < 0) return null;
    const last = samples.findLastIndex((sample) => !Number.isNaN(sample));
    const at = (idx: number) => this.epochUs + ((from + idx) * 1e6) / this.hz;
    return { fromUs: at(first), toUs: at(last) };
  }

  private withGap({ hz, samples, beats, taken }: Drawn): Drawn {
    const n = Math.ceil((GAP_SHOWN_MS * hz) / 1000);
    const widened = new Float32Array(n + samples.length).fill(Number.NaN);
    widened.set(samples, n);
    return { hz, samples: widened, beats: beats.map((beat) => beat + n), taken };
  }

  private forget(nowMs: number): void {
    const oldest = Math.max(this.drawnTo, this.samplesIn(nowMs - STEP_MAX_MS) - this.delay);
    this.queue = this.queue.filter(({ end }) => end > oldest);
  }
}
