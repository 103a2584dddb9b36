import { describe, expect, test } from 'vitest';
import type { Outlook } from '../api/views';
import { en } from '../i18n/en';
import { zh } from '../i18n/zh';
import { bandOf, coverageSquares, sayOutlook, sayRate, saySquare } from './coverage';

const square = {
  network: '5g-a', median_kbps: 40, is_at_least: true, low_kbps: 0, is_low_at_least: false,
  n: 3, n_at_least: 70, delay_ms: 31.4, n_delays: 73,
};

const way = (duration: number, lacking: number, unknown = 0) =>
  ({ duration, lacking, unknown, first_hole: null });

describe('coverage', () => {
  test.each([[0, 0], [99, 0], [100, 1], [4_999, 2], [5_000, 3], [20_000, 4]])('%d kbit/s is band %d', (kbps, band) => {
    expect(bandOf(kbps)).toBe(band);
  });

  test('a square of which nothing is known has no colour', () => {
    const geometry = { type: 'Polygon' as const, coordinates: [] };
    const features = [square, { ...square, median_kbps: null }].map((properties) => ({ type: 'Feature' as const, geometry, properties }));
    const drawn = coverageSquares({ type: 'FeatureCollection', metres: 250, networks: ['5g-a'], features });
    expect(drawn.features.map(({ properties }) => properties?.band)).toEqual([0]);
  });

  test('a bound is said to be one', () => {
    expect(saySquare(square, en)).toBe('5g-a · half at least 40 kbit/s · a tenth below 0 kbit/s · round trip 31 ms · 3 readings at the limit, 70 lower bounds');
    expect(saySquare(square, zh)).toContain('至少 40 kbit/s');
    expect(sayRate(5_000)).toBe('5.0 Mbit/s');
  });

  test.each<[Partial<Outlook>, string | null]>([
    [{ ways: [], best: null }, null],
    [{ ways: [way(398_000, 0)], best: 0 }, '5.0 Mbit/s up expected all the way'],
    [{ ways: [way(398_000, 19_000), way(438_000, 0)], best: 1 }, 'less than 5.0 Mbit/s up expected for 0:19 · another way has it throughout and costs 40 s more'],
    [{ ways: [way(398_000, 0, 60_000)], best: 0 }, 'not known whether 5.0 Mbit/s up for 1:00'],
  ])('an outlook is said in a line', (part, said) => {
    expect(sayOutlook({ needs_kbps: 5_000, hour: 8, ways: [], best: null, holes: [], ...part }, en)).toBe(said);
  });
});
