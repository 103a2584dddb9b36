import { describe, expect, it } from 'vitest';
import { ADDED_MAX_MS, BUFFER_MS, GRACE_MS, HURRY, Playout, type Drawn } from './playout';

const HZ = 100;

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

/** Plays pieces of 200 ms that come when told, until a moment after the last. */
function playArrivals(arrivals: number[]): number[] {
  const playout = new Playout();
  const drawn: Drawn[] = [];
  const end = Math.max(...arrivals) + 150;
  for (let now = 0; now <= end; now += 10) {
    arrivals.forEach((at, k) => {
      if (at === now) playout.push(piece(k * 200, 20), now);
    });
    drawn.push(...play(playout, now, now));
  }
  return values(drawn);
}

describe('playout', () => {
  it.each([
    ['in time', Array.from({ length: 20 }, (_, k) => 200 * (k + 1))],
    ['a little early and late', Array.from({ length: 20 }, (_, k) => 200 * (k + 1) + [0, 60, 30, 70][k % 4]!)],
    ['in bursts of a second', Array.from({ length: 20 }, (_, k) => 1000 * (Math.floor(k / 5) + 1))],
  ])('draws each sample once, in order and without a gap, when pieces come %s', (_, arrivals) => {
    const seen = playArrivals(arrivals);
    expect(seen).toEqual(counting(0, seen.length));
    expect(seen.length).toBeGreaterThan(280);
  });

  it('starts a piece no later than 150 ms after it came', () => {
    const playout = new Playout();
    playout.push(piece(0, 20), 1000);
    expect(values(play(playout, 1000, 1000 + ADDED_MAX_MS))).toContain(0);
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
    const drawn = values([...start, ...play(playout, 150, 400)]);
    expect(drawn.slice(0, 25)).toEqual([...counting(0, 10), ...Array(5).fill(Number.NaN), ...counting(15, 25)]);
  });

  it('does not play an old backlog, and marks the jump', () => {
    const playout = new Playout();
    playout.push(piece(0, 20), 0);
    play(playout, 0, 9990);
    for (let k = 1; k <= 50; k += 1) playout.push(piece(k * 200, 20), 10_000);
    const drawn = values(play(playout, 10_010, 10_200));
    expect(drawn.slice(0, 6)).toEqual(Array(6).fill(Number.NaN));
    expect(Math.min(...drawn.filter((value) => !Number.isNaN(value)))).toBeGreaterThan(800);
  });

  it('comes back to live when slow travel is over', () => {
    const slow = Array.from({ length: 10 }, (_, k) => 200 * (k + 1) + 600);
    const quick = Array.from({ length: 90 }, (_, k) => Math.max(2610, 200 * (k + 11)));
    const seen = playArrivals([...slow, ...quick]);
    const last = seen.at(-1) ?? 0;
    expect(100 * 20 - last).toBeLessThan(((200 + BUFFER_MS + ADDED_MAX_MS) * HZ) / 1000);
  });

  it('draws each sample 20 ms after its piece came, from the start', () => {
    const playout = new Playout();
    playout.push(piece(0, 20), 200);
    expect(values(play(playout, 200, 200 + BUFFER_MS - 10))).toEqual([]);
    expect(values(play(playout, 200 + BUFFER_MS, 200 + BUFFER_MS + 10))).toContain(0);
  });

  it('runs a fifth faster, not in a jump, until it is as near as it can be', () => {
    const slow = [280];
    const quick = Array.from({ length: 150 }, (_, k) => 200 * (k + 2));
    const playout = new Playout();
    const drawn: Drawn[] = [];
    for (let now = 0; now <= 14_000; now += 10) {
      [...slow, ...quick].forEach((at, k) => {
        if (at === now) playout.push(piece(k * 200, 20), now);
      });
      drawn.push(...play(playout, now, now));
    }
    const seen = values(drawn);
    expect(seen).toEqual(counting(0, seen.length));
    expect(seen.length).toBeGreaterThan(((14_000 - 200 - BUFFER_MS - 20) * HZ) / 1000);
    const perSecond = Math.max(...drawn.map(({ samples }) => samples.length));
    expect(perSecond).toBeLessThanOrEqual(Math.ceil(1 + HURRY) + 1);
  });

  it('waits for a piece that is slower than usual, and is not later afterwards', () => {
    const late = 200 * 31 + GRACE_MS - 10;
    const arrivals = Array.from({ length: 60 }, (_, k) => (k === 30 ? late : 200 * (k + 1)));
    const seen = playArrivals(arrivals);
    expect(seen).toEqual(counting(0, seen.length));
    const end = 200 * 60 + 150;
    expect(seen.length).toBe(((end - 200 - BUFFER_MS) * HZ) / 1000);
  });

  it('says when the samples that it draws were taken', () => {
    const playout = new Playout();
    playout.push(piece(5000, 10), 0);
    const taken = play(playout, 10, 400).map(({ taken }) => taken);
    expect(taken[0]?.fromUs).toBe(5_000_000);
    expect(taken.findLast((each) => each !== null)?.toUs).toBe(5_090_000);
    expect(taken.at(-1)).toBeNull();
  });

  it('drops a piece that it has heard', () => {
    const playout = new Playout();
    playout.push(piece(0, 20), 0);
    playout.push(piece(0, 20), 10);
    expect(real(play(playout, 10, 400))).toEqual(counting(0, 20));
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

  it('draws two seconds at most when a hidden page returns', () => {
    const playout = new Playout();
    for (let k = 0; k < 600; k += 1) playout.push(piece(k * 200, 20), 200 * (k + 1));
    const drawn = values(play(playout, 120_010, 120_010));
    expect(drawn.length).toBeLessThanOrEqual(206);
    expect(drawn[0]).toBeNaN();
  });
});
