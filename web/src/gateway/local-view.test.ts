import { describe, expect, it } from 'vitest';
import { newPart } from './local-view';

const wave = { lead: 'II', hz: 100, start: 1_000_000, microvolts: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], beats: [2, 7] };

describe('a window of waveform', () => {
  it.each([
    ['is new at first', null, 1_000_000, 10, [2, 7]],
    ['is cut where the last one ended', 1_050_000, 1_050_000, 5, [2]],
    ['holds nothing new', 1_100_000, 1_100_000, 0, []],
    ['is whole after a gap', 500_000, 1_000_000, 10, [2, 7]],
  ] as const)('%s', (_, from, atUs, n, beats) => {
    const part = newPart(wave, from);
    expect([part.atUs, part.microvolts.length, part.beats, part.endUs]).toEqual([atUs, n, beats, 1_100_000]);
  });

  it('has no number where a sample was missing', () => {
    expect(newPart({ ...wave, microvolts: [1, null, 3] }, null).microvolts).toEqual([1, NaN, 3]);
  });
});
