import { describe, expect, it } from 'vitest';
import type { Reception, Task } from '../lib/api/model';
import { byArrival, inOrderOfStart, nLate, startBy } from './reception';

const task = (id: number, leadMin: number, state: Task['state'] = 'planned'): Task => ({
  id, kind: 'drug', what: 'x', lead: leadMin * 60_000, due: 3_600_000_000, state,
});
const reception = (incident: number, eta: number, state: 'requested' | 'accepted' | 'arrived'): Reception => ({
  incident, hospital: 'n1', state: { state }, eta, tasks: [],
});

describe('a hospital’s board', () => {
  it('lists the task that must start first, those that are done last', () => {
    const tasks = [task(1, 5), task(2, 15), task(3, 30, 'ready'), task(4, 10, 'acknowledged'), task(5, 60, 'cancelled')];
    expect(inOrderOfStart(tasks).map(({ id }) => id)).toEqual([2, 4, 1, 3, 5]);
  });

  it('a task starts its lead before it is due', () => {
    expect(startBy(task(1, 5))).toBe(3_300_000_000);
    expect(startBy({ ...task(1, 5), start_by: 7 })).toBe(7);
  });

  it('counts the tasks that should have been started and were not', () => {
    const tasks = [task(1, 5), task(2, 15), task(3, 30, 'ready'), task(4, 10, 'acknowledged')];
    for (const [now, n] of [[2_700_000_000, 0], [2_700_000_001, 1], [3_300_000_001, 2]] as const)
      expect(nLate(tasks, now), String(now)).toBe(n);
  });

  it('lists the next patient first and those who are there apart', () => {
    const { expected, done } = byArrival([reception(1, 90, 'requested'), reception(2, 10, 'arrived'), reception(3, 50, 'accepted')]);
    expect([expected.map(({ incident }) => incident), done.map(({ incident }) => incident)]).toEqual([[3, 1], [2]]);
  });
});
