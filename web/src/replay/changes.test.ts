import { expect, it } from 'vitest';
import type { CallChange, Side } from '../lib/api/replay';
import { en } from '../lib/i18n/en';
import { zh } from '../lib/i18n/zh';
import { changed, isKnockOn, sayWhy, signed, signedNumber } from './changes';

const side: Side = {
  sent_first: 'A1', unit: 'A1', sent_at: 0, sent_from: null, arrived_at: 1, response: 1, is_late: false, hospital: null, door_at: null,
};

function call(incident: number, response_change: number | null, is_changed = true): CallChange {
  return {
    incident, rang_at: 0, position: { lat: 0, lon: 0 }, complaint: 'fall', priority: { rank: 1, code: 'I' },
    recorded: side, replayed: side, response_change, door_change: null, places: [], is_changed, why: [], assumed: [],
  };
}

it('the largest difference comes first, whichever way, and what is alike is left out', () => {
  const calls = [call(1, 30_000), call(2, -90_000), call(3, 0, false), call(4, null), call(5, 90_000)];
  expect(changed(calls).map(({ incident }) => incident)).toEqual([2, 5, 1, 4]);
});

it.each([[80_000, '+1:20'], [-45_000, '−0:45'], [400, '0:00'], [null, '–']])('%s ms reads %s', (ms, text) => {
  expect(signed(ms)).toBe(text);
});

it.each([[-3.14, '−3.1'], [0.04, '0.0'], [2, '+2.0']])('%s reads %s', (value, text) => {
  expect(signedNumber(value, 1)).toBe(text);
});

it('a reason says which call it comes from, in both languages', () => {
  const why = { why: 'busy', unit: 'A109', incident: 26 } as const;
  const speech = { stationName: (id: string) => id, hospitalName: (id: string) => id };
  expect(sayWhy(why, { t: en, ...speech })).toBe('Knock-on: A109 is with call 26.');
  expect(sayWhy(why, { t: zh, ...speech })).toContain('26');
  expect(isKnockOn({ ...call(1, 1), why: [why] })).toBe(true);
});
