import { describe, expect, it } from 'vitest';
import { findCards, type ComplaintCard } from './reference';

const text = (en: string, zh: string) => ({ en, zh });
const CARDS: ComplaintCard[] = [
  { id: 'abdominal-pain', name: text('Abdominal pain', '腹痛'), questions: [] },
  { id: 'chest-pain', name: text('Chest pain', '胸痛'), questions: [] },
];

describe('reference', () => {
  it.each([
    ['', ['abdominal-pain', 'chest-pain']],
    ['pain', ['abdominal-pain', 'chest-pain']],
    ['CHE', ['chest-pain']],
    ['pain chest', ['chest-pain']],
    ['胸', ['chest-pain']],
    ['xyz', []],
  ])('search %j', (query, ids) => {
    expect(findCards(CARDS, query).map(({ id }) => id)).toEqual(ids);
  });
});
