import { describe, expect, it } from 'vitest';
import { Playout, STREAMED, type Drawn } from './playout';

const HZ = 100;
const BUFFER_MS = STREAMED.bufferMs;

/** A piece of `n` samples that count on from its place in time. */
function piece(startMs: number, n: number, beats: number[] = []) {
  const first = (startMs * HZ) / 1000;
  return { atUs: startMs * 1000, hz: HZ, microvolts: Array.from({ length: n }, (_, i) => first + i), beats };
}

function play(playout: Playout, fromMs: number, toMs: number): Drawn[] {
  const drawn: Drawn[] = [];
  for (let now = fromMs; now <= toMs; now += 10) {
    const next = playout.advance(now);
    if (next) drawn.push(next);
  }
  return drawn;
}

const values = (drawn: Drawn[]) => drawn.flatMap(({ samples }) => [...samples]);
const real = (drawn: Drawn[]) => values(drawn).filter((value) => !Number.isNaN(value));
const counting = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('playout', () => {
  it('draws each sample once, in order and without a gap, when pieces come in time', () => {
    const playout = new Playout();
    const drawn: Drawn[] = [];
    for (let k = 0; k < 10; k += 1) {
      playout.push(piece(k * 200, 20), 200 * (k + 1));
      drawn.push(...play(playout, 200 * (k + 1), 200 * (k + 1) + 190));
    }
    const seen = values(drawn).slice((BUFFER_MS * HZ) / 1000);
    expect(seen).toEqual(counting(0, seen.length));
    expect(seen.length).toBeGreaterThan(180);
  });

  it('starts a piece no later than 150 ms after it came', () => {
    const playout = new Playout();
    playout.push(piece(0, 20), 1000);
    const first = play(playout, 1000, 1150).flatMap(({ samples }) => [...samples]);
    expect(first).toContain(0);
  });

  it('shows a gap where a piece is late, and then the piece whole', () => {
    const playout = new Playout();
    playout.push(piece(0, 20), 0);
    const before = play(playout, 10, 700);
    expect(real(before)).toEqual(counting(0, 20));
    expect(values(before).filter(Number.isNaN).length).toBeGreaterThan(25);
    playout.push(piece(200, 20), 700);
    expect(real(play(playout, 710, 1100))).toEqual(counting(20, 40));
  });

  it('shows a gap where the device has no samples', () => {
    const playout = new Playout();
    playout.push(piece(0, 10), 0);
    const start = play(playout, 10, 140);
    playout.push(piece(150, 10), 150);
    const drawn = values([...start, ...play(playout, 150, 400)]).slice((BUFFER_MS * HZ) / 1000);
    expect(drawn.slice(0, 25)).toEqual([...counting(0, 10), ...Array(5).fill(Number.NaN), ...counting(15, 25)]);
  });

  it('jumps to the newest piece when a backlog comes at once', () => {
    const playout = new Playout();
    playout.push(piece(0, 20), 0);
    play(playout, 0, 100);
    for (let k = 1; k <= 50; k += 1) playout.push(piece(k * 200, 20), 100);
    const drawn = values(play(playout, 110, 330));
    expect(drawn).toContain(1000);
    expect(drawn.slice(0, 6)).toEqual(Array(6).fill(Number.NaN));
  });

  it('holds the pen for a moment when only the screen was late', () => {
    const playout = new Playout();
    playout.push(piece(0, 20), 0);
    const drawn = play(playout, 10, 290);
    playout.push(piece(200, 20), 300);
    drawn.push(...play(playout, 310, 450));
    const seen = values(drawn).slice((BUFFER_MS * HZ) / 1000);
    expect(seen.slice(0, 30)).toEqual(counting(0, 30));
  });

  it('follows a clock that runs faster', () => {
    const playout = new Playout(4);
    playout.push(piece(0, 80), 0);
    expect(real(play(playout, 10, 290)).length).toBeGreaterThan(70);
  });

  it('marks beats at their samples', () => {
    const playout = new Playout();
    playout.push(piece(0, 20, [5, 15]), 0);
    const marked = play(playout, 10, 400).flatMap(({ samples, beats }) => beats.map((at) => samples[at]));
    expect(marked).toEqual([5, 15]);
  });
});
