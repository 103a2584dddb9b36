import { describe, expect, it } from 'vitest';
import type { DerivedOutcome, DerivedQuantity } from '../api/model';
import { sayEstimate } from './derived';

const say = (quantity: DerivedQuantity, outcome: DerivedOutcome) => sayEstimate({ quantity, outcome, chain: [] });

describe('what virtual sensors say', () => {
  it.each([
    ['shock_index', 1.104, 0.0881, '1.10 ± 0.09'],
    ['pulse_transit_time', 212.4, 8.3, '212 ± 8 ms'],
    ['systolic_change', 6.7, 9.2, '+7 ± 9 mmHg'],
    ['systolic_change', -6.7, 9.2, '-7 ± 9 mmHg'],
  ] as const)('%s %d ± %d is %s', (quantity, value, sd, expected) => {
    expect(say(quantity, { state: 'known', value, sd })).toBe(expected);
  });

  it('has no number for what is missing', () => {
    expect(say('shock_index', { state: 'missing', why: 'too_old' })).toBeNull();
  });
});
