import { describe, expect, it } from 'vitest';
import type { Phase } from '../api/model';
import type { UnitView } from '../api/views';
import { bearing, formOf, type UnitForm } from './unit-form';

const FORMS: Record<Phase, UnitForm> = {
  notified: 'disc', acknowledged: 'disc', en_route: 'disc', staged: 'disc', on_scene: 'square',
  at_patient: 'square', care_handed_on: 'frame', transporting: 'disc_double',
  at_landing_area: 'square_double', at_hospital: 'square_double', care_transferred: 'frame',
};

const unit = (state: UnitView['state'], crew = 'on_shift') =>
  ({ state, crew: { id: 'c', state: { state: crew } } }) as UnitView;

describe('a unit’s form', () => {
  it.each(Object.entries(FORMS))('%s: %s', (phase, form) => {
    expect(formOf(unit({ state: 'engaged', incident: 1, phase: phase as Phase }))).toBe(form);
  });

  it('tells rest and duty', () => {
    const free = { state: 'available' } as const;
    expect([formOf(unit(free)), formOf(unit(free, 'resting')), formOf(unit({ state: 'off_duty' }))]).toEqual(['ring', 'pause', 'dot']);
  });

  it.each([[36, 14, 0], [35, 15, 90], [34, 14, 180], [35, 13, 270]])('to %d,%d it points %d°', (lat, lon, degrees) => {
    expect(bearing({ lat: 35, lon: 14 }, { lat, lon })).toBeCloseTo(degrees, 5);
  });
});
