import { describe, expect, it } from 'vitest';
import type { Phase } from '../api/model';
import type { IncidentView, Scheme, UnitView } from '../api/views';
import { counts, inOrder, isOverTarget, isWaiting, monitorUnitOf, openTakeover, waitOf } from './derive';

function incident(id: number, rank: number, rangAt: number, more: Partial<IncidentView> = {}): IncidentView {
  return {
    id, state: 'triaged', priority: { rank, code: String(rank) }, suggested: { rank, code: String(rank) },
    units: [], times: [], alarms: [], patient: { id, state: 'waiting' }, call: { rang_at: rangAt }, ...more,
  } as IncidentView;
}

function unit(id: string, state: UnitView['state'], isResting = false): UnitView {
  const crew = { id: 'c', state: { state: isResting ? 'resting' : 'on_shift' } };
  return { id, state, crew } as UnitView;
}

describe('incidents', () => {
  it('stand in the order in which they need the dispatcher', () => {
    const sent: Partial<IncidentView> = { units: ['A1'], state: 'assigned' };
    const alarmed = (priority: string, is_active: boolean) =>
      ({ ...sent, alarms: [{ alarm: { priority, is_active } }] }) as unknown as Partial<IncidentView>;
    const list = [
      incident(1, 1, 90, sent), incident(2, 2, 50), incident(3, 1, 95), incident(4, 1, 94), incident(5, 1, 1, { state: 'closed' }),
      incident(6, 3, 10, alarmed('high', true)), incident(7, 1, 99, alarmed('high', false)), incident(8, 2, 10, alarmed('medium', true)),
    ];
    expect(inOrder(list).map(({ id }) => id)).toEqual([4, 3, 2, 6, 1, 7, 8]);
  });

  it('are over their target while the caller waits longer than the priority allows', () => {
    const scheme = { levels: [{ rank: 1, code: '1', target: 480_000 }, { rank: 4, code: '4', target: null }] } as unknown as Scheme;
    for (const [rank, secs, isOver] of [[1, 480, false], [1, 481, true], [4, 99_999, false]] as const)
      expect(isOverTarget(incident(1, rank, 0), scheme, secs * 1e6), `${rank} ${secs} s`).toBe(isOver);
    const reached = incident(1, 1, 0, { times: [{ etimes: 'eTimes.07', unit: 'A1', at: 900_000_000 }] });
    expect(isOverTarget(reached, scheme, 999_000_000)).toBe(false);
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

it('a takeover is open while the one unit is free and the other drives to the call', () => {
  const takeover = { unit: 'A2', instead_of: 'A1', now: 9, then: 5, policy: 'p/1' };
  const of = (phase: Phase, incidentId: number, free: UnitView['state']) => openTakeover(
    incident(1, 1, 0, { units: ['A1'], takeover }),
    new Map([['A1', unit('A1', { state: 'engaged', incident: incidentId, phase })], ['A2', unit('A2', free)]]),
  );
  expect(of('en_route', 1, { state: 'available' })).toEqual(takeover);
  expect(of('on_scene', 1, { state: 'available' })).toBeNull();
  expect(of('en_route', 2, { state: 'available' })).toBeNull();
  expect(of('en_route', 1, { state: 'engaged', incident: 2, phase: 'en_route' })).toBeNull();
});
