import { describe, expect, it } from 'vitest';
import type { IncidentView, UnitView } from '../api/views';
import { counts, inOrder, isWaiting, monitorUnitOf, waitOf } from './derive';

function incident(id: number, rank: number, rangAt: number, more: Partial<IncidentView> = {}): IncidentView {
  return {
    id, state: 'triaged', priority: { rank, code: String(rank) }, suggested: { rank, code: String(rank) },
    units: [], times: [], patient: { id, state: 'waiting' }, call: { rang_at: rangAt }, ...more,
  } as IncidentView;
}

function unit(id: string, state: UnitView['state'], isResting = false): UnitView {
  const crew = { id: 'c', state: { state: isResting ? 'resting' : 'on_shift' } };
  return { id, state, crew } as UnitView;
}

describe('incidents', () => {
  it('stand by priority; within one, those without a unit and the longest waiting first', () => {
    const list = [
      incident(1, 2, 50), incident(2, 1, 90, { units: ['A1'], state: 'assigned' }), incident(3, 1, 95),
      incident(4, 1, 94), incident(5, 1, 1, { state: 'closed' }),
    ];
    expect(inOrder(list).map(({ id }) => id)).toEqual([4, 3, 2, 1]);
  });

  it('wait until a crew is with the patient', () => {
    const reached = incident(1, 1, 0, { times: [{ etimes: 'eTimes.07', unit: 'A1', at: 9_000_000 }] });
    expect([waitOf(incident(1, 1, 0), 20_000_000), waitOf(reached, 20_000_000)]).toEqual([20_000, 9000]);
    expect(isWaiting(incident(1, 1, 0, { state: 'closed' }))).toBe(false);
  });

  it('show the monitor of the unit that cares for the patient', () => {
    const units = new Map([['A1', unit('A1', { state: 'engaged', incident: 1, phase: 'en_route' })], ['A2', unit('A2', { state: 'engaged', incident: 1, phase: 'at_patient' })]]);
    const both = { units: ['A1', 'A2'] };
    expect(monitorUnitOf(incident(1, 1, 0, both), units)).toBe('A2');
    expect(monitorUnitOf(incident(1, 1, 0, { ...both, patient: { id: 1, state: 'in_care', unit: 'A9' } }), units)).toBe('A9');
    expect(monitorUnitOf(incident(1, 1, 0, { units: ['A1'] }), units)).toBeNull();
  });
});

it('the header counts waiting incidents, units on the way and units that can be sent', () => {
  const units = [
    unit('A1', { state: 'available' }), unit('A2', { state: 'available' }, true), unit('A3', { state: 'off_duty' }),
    unit('A4', { state: 'engaged', incident: 1, phase: 'en_route' }), unit('A5', { state: 'engaged', incident: 1, phase: 'at_patient' }),
  ];
  expect(counts([incident(1, 1, 0), incident(2, 1, 0, { units: ['A4'] })], units)).toEqual({ waiting: 1, onTheWay: 1, available: 1 });
});
