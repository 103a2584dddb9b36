import { describe, expect, it } from 'vitest';
import { isInside, nextQuestion, parseAge, parsePosition } from './draft';

describe('a call card', () => {
  it.each([
    ['35.8989, 14.5146', { lat: 35.8989, lon: 14.5146 }],
    [' 35.8989 14.5146 ', { lat: 35.8989, lon: 14.5146 }],
    ['-33.9，151.2', { lat: -33.9, lon: 151.2 }],
    ['91, 0', null],
    ['0, 181', null],
    ['Valletta', null],
    ['35.9', null],
    ['', null],
  ])('location %j', (text, expected) => {
    expect(parsePosition(text)).toEqual(expected);
  });

  it.each([['', null], ['0', 0], [' 58 ', 58], ['130', 130], ['131', undefined], ['-1', undefined], ['5.5', undefined], ['x', undefined]])(
    'age %j', (text, expected) => expect(parseAge(text)).toBe(expected),
  );

  it('lies on the city’s map or not', () => {
    const bounds: [number, number, number, number] = [14, 35, 15, 36];
    expect([isInside({ lat: 35.5, lon: 14.5 }, bounds), isInside({ lat: 36.1, lon: 14.5 }, bounds)]).toEqual([true, false]);
  });

  it('asks the first question that has no answer', () => {
    const text = { en: '', zh: '' };
    const card = { id: 'c', name: text, questions: ['a', 'b'].map((id) => ({ id, text, is_red_flag: false, options: [] })) };
    expect([nextQuestion(card, {}), nextQuestion(card, { a: '1' }), nextQuestion(card, { a: '1', b: '2' })]).toEqual([0, 1, -1]);
  });
});
