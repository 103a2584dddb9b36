import { expect, it } from 'vitest';
import { follow, type CasualtyView, type TagTree } from '../lib/api/major';
import { ranked } from './order';

const casualty = (id: number, tag: CasualtyView['tag'], state: CasualtyView['state']): CasualtyView =>
  ({ id, tag, state, age_group: 'adult', since: 0, eta: null, tags: [], advised: null });

it('lists who still needs a hospital first, the most urgent before the others', () => {
  const list = [
    casualty(1, 'minor', 'tagged'), casualty(2, 'immediate', 'at_hospital'),
    casualty(3, 'immediate', 'tagged'), casualty(4, 'immediate', 'loaded'), casualty(5, 'minor', 'tagged'),
  ];
  expect(ranked(list).map(({ id }) => id)).toEqual([3, 1, 5, 4, 2]);
});

const text = { en: 'a', zh: 'b' };
const tree: TagTree = {
  name: 'x/1', title: text, ages: ['adult'],
  steps: [
    { id: 'walks', ask: text, yes: { tag: 'minor' }, no: { step: 'breathes' } },
    { id: 'breathes', ask: text, yes: { tag: 'immediate' }, no: { tag: 'deceased' } },
  ],
};

it.each([
  [{}, 'walks'],
  [{ walks: true }, 'minor'],
  [{ walks: false }, 'breathes'],
  [{ walks: false, breathes: false }, 'deceased'],
  [{ breathes: true }, 'walks'],
])('answers %j lead to %s', (answers, expected) => {
  const next = follow(tree, answers as Record<string, boolean>);
  expect(typeof next === 'string' ? next : next.id).toBe(expected);
});
