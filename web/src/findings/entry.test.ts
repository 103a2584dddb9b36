import { describe, expect, it } from 'vitest';
import type { Findings } from '../lib/api/findings';
import { badFigures, emptyEntry, entryOf, findingsOf, kindFor, lastTimeOf } from './entry';

const NOW = new Date(2026, 5, 1, 12, 0).getTime() * 1000;
const VITALS = {
  heart_rate: 96, respiratory_rate: 22, spo2: 91, on_oxygen: true, systolic: 104, diastolic: 60, temperature: 36.5, consciousness: null,
};

describe('a form of findings', () => {
  it('leaves what nobody looked at missing', () => {
    const stroke = findingsOf('stroke', emptyEntry(null), NOW);
    expect(stroke).toEqual({ kind: 'stroke', race: { face: null, arm: null, leg: null, gaze: null, cortex: null }, last_known_well: null });
    expect(findingsOf('ecg', emptyEntry(null), NOW)).toBeNull();
  });

  it.each<Findings>([
    { kind: 'stroke', race: { face: 1, arm: null, leg: 2, gaze: 0, cortex: 2 }, last_known_well: NOW - 90 * 60e6 },
    { kind: 'ecg', is_stemi: true, recorded_at: NOW - 5 * 60e6, onset: null, crew_gives_lysis: false },
    { kind: 'injury', motor: 5, breaths: 0, saturation: null, systolic: 88, pulse: 120, criteria: ['pelvis'] },
    { kind: 'burn', tbsa_percent: 12, depth: 'full', criteria: ['inhalation'] },
    { kind: 'obstetric', weeks: 31, signs: ['bleeding'] },
    { kind: 'child', appearance: true, breathing: null, circulation: false },
  ])('recorded again says the same: %j', (found) => {
    expect(findingsOf(found.kind, entryOf(found), NOW)).toEqual(found);
  });

  it('begins with the monitor’s figures, but never with a saturation under oxygen', () => {
    const injury = findingsOf('injury', emptyEntry(VITALS), NOW);
    expect(injury).toMatchObject({ breaths: 22, saturation: null, systolic: 104, pulse: 96, motor: null });
    expect(findingsOf('injury', emptyEntry({ ...VITALS, on_oxygen: false }), NOW)).toMatchObject({ saturation: 91 });
    expect(findingsOf('injury', emptyEntry({ ...VITALS, on_oxygen: null }), NOW)).toMatchObject({ saturation: null });
  });

  it.each([['101', ['tbsa']], ['x', ['tbsa']], ['-1', ['tbsa']], ['100', []], ['', []]])('burnt surface %j', (tbsa, bad) => {
    const entry = emptyEntry(null);
    entry.figures.tbsa = tbsa;
    expect(badFigures('burn', entry)).toEqual(bad);
    expect(findingsOf('burn', entry, NOW) === null).toBe(bad.length > 0);
  });

  it('takes a clock for its last time before now', () => {
    expect(lastTimeOf('11:30', NOW)).toBe(NOW - 30 * 60e6);
    expect(lastTimeOf('12:00', NOW)).toBe(NOW);
    expect(lastTimeOf('12:01', NOW)).toBe(NOW + 60e6 - 86_400e6);
    expect(lastTimeOf('', NOW)).toBeNull();
  });

  it.each([['chest-pain', 60, 'ecg'], ['fall', 80, 'injury'], ['seizure', 4, 'child'], ['unconscious', null, 'stroke']] as const)(
    '%s at %s years asks for %s', (complaint, age, kind) => expect(kindFor(complaint, age)).toBe(kind),
  );
});
