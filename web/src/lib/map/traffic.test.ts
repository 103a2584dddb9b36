import { describe, expect, it } from 'vitest';
import type { Stretch, Traffic } from '../api/views';
import { en } from '../i18n/en';
import { zh } from '../i18n/zh';
import { endAt, flowOf, saySummary, sayStretch, trafficLines } from './traffic';

const TEXTS = { en, zh };
const NOW = Date.UTC(2026, 10, 25, 8, 0, 0) * 1000;
const MINUTE = 60e6;
const ZONE = 'UTC';

const stretch = (kmh: number | null, rest: Partial<Stretch> = {}): Stretch => ({
  edge: 1, direction: 'forward', source: 'file', street: 'Triq il-Kbira', kmh, free_kmh: 40,
  since: NOW - 2 * MINUTE, until: NOW + 30 * MINUTE, points: [[14.5, 35.9], [14.51, 35.9]], ...rest,
});

describe('live traffic', () => {
  it.each([[null, 'closed'], [5, 'jam'], [13.9, 'jam'], [14, 'slow'], [29.9, 'slow'], [30, 'free'], [80, 'free']] as const)(
    'at %s km/h of 40 it is %s', (kmh, flow) => expect(flowOf(stretch(kmh))).toBe(flow),
  );

  it('draws what is slower than the map says, and remembers which it is', () => {
    const traffic = { now: NOW, n_arcs: 3, n_closed: 1, n_fleet: 0, newest: NOW, next_end: null, stretches: [stretch(null), stretch(39), stretch(9)] } as Traffic;
    const drawn = trafficLines(traffic).features.map(({ properties }) => properties);
    expect(drawn).toEqual([{ flow: 'closed', index: 0 }, { flow: 'jam', index: 2 }]);
    expect(trafficLines(null).features).toEqual([]);
  });

  it.each([
    ['en', 'Triq il-Kbira · 12 km/h instead of 40 · told 2:00 ago · until 08:30'],
    ['zh', 'Triq il-Kbira · 12 公里/时，畅通时 40 · 2:00 前更新 · 至 08:30'],
  ] as const)('tells a stretch with its age and end in %s', (language, text) => {
    expect(sayStretch(stretch(12), NOW, TEXTS[language], ZONE)).toBe(text);
  });

  it('tells who says so where that is the fleet', () => {
    expect(sayStretch(stretch(12, { source: 'fleet' }), NOW, TEXTS.en, ZONE))
      .toBe('Triq il-Kbira · 12 km/h instead of 40 · as own units drove · told 2:00 ago · until 08:30');
    const known = { n_arcs: 9, n_closed: 0, n_fleet: 7, newest: NOW, next_end: null };
    expect(saySummary(known, null, NOW, TEXTS.en, ZONE))
      .toBe('9 stretches under live traffic, 0 closed · 7 as own units drove · told 0:00 ago');
    expect(saySummary(known, null, NOW, TEXTS.zh, ZONE)).toContain('7 个据本单位车辆行驶');
  });

  it('tells a closed road without a name', () => {
    const closed = stretch(null, { street: null, until: NOW + 3 * 24 * 60 * MINUTE });
    expect(sayStretch(closed, NOW, TEXTS.en, ZONE)).toBe('unnamed road · closed · told 2:00 ago · until 2026-11-28 08:00');
  });

  it('sums up what is known, how old it is and when it ends', () => {
    const known = { n_arcs: 128, n_closed: 3, n_fleet: 0, newest: NOW - 130e6, next_end: NOW + 30 * MINUTE };
    expect(saySummary(known, null, NOW, TEXTS.en, ZONE)).toBe('128 stretches under live traffic, 3 closed · told 2:10 ago · first ends 08:30');
    expect(saySummary({ ...known, n_arcs: 30_000 }, null, NOW, TEXTS.en, ZONE)).toContain('the worst 20000 are drawn');
    const none = { n_arcs: 0, n_closed: 0, n_fleet: 0, newest: null, next_end: null };
    expect(saySummary(none, null, NOW, TEXTS.en, ZONE)).toBe('No live traffic: roads are as the map says.');
    expect(saySummary(none, 'week.toml', NOW, TEXTS.en, ZONE)).toBe('No live traffic · speeds of the hour by week.toml, not verified');
    expect(saySummary(known, 'week.toml', NOW, TEXTS.zh, ZONE)).toMatch(/08:30 结束 · 按 week.toml 的分时车速，未经验证$/);
  });

  it('names the day of an end that is a day away', () => {
    expect([endAt(NOW + MINUTE, NOW, ZONE), endAt(NOW + 25 * 60 * MINUTE, NOW, ZONE)]).toEqual(['08:01', '2026-11-26 09:00']);
  });
});
