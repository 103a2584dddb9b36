import { expect, test } from 'vitest';
import { crowdedness } from './crowdedness';

test('each degree of crowding ends at its limit', () => {
  const word = (score: number): string => crowdedness(score, ['0', '1', '2', '3', '4', '5']);
  expect([0, 20, 21, 60, 61, 100, 101, 140, 141, 180, 181, 999].map(word).join('')).toBe('001122334455');
});
