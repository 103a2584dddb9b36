import { describe, expect, it } from 'vitest';
import { CentreClock } from '../centre/centre-clock';
import { clock, clockShort, leftWithin, span, spanWithin } from './format';

describe('times', () => {
  it.each([[0, '0:00'], [59_999, '0:59'], [850_000, '14:10'], [3_723_000, '1:02:03'], [-61_000, '-1:01'], [-900, '0:00']])(
    '%i ms reads %s', (ms, text) => expect(span(ms)).toBe(text),
  );

  it.each([
    [[380_000, 520_000] as const, '7:10 (6:20–8:40)'], [null, '7:10'], [undefined, '7:10'],
  ])('a drive of four in five between %j reads %s', (likely, text) => expect(spanWithin(430_000, likely)).toBe(text));

  it('what has passed of an interval counts as now', () => {
    expect(leftWithin([5_000_000, 9_000_000], 7_000_000)).toEqual([0, 2000]);
  });

  it('a centre time reads as wall clock', () => {
    const at = 1_700_000_000_000_000;
    expect([clock(at, 'UTC'), clockShort(at, 'UTC'), clock(at, 'Asia/Shanghai')]).toEqual(['22:13:20', '22:13', '06:13:20']);
  });

  it('the centre’s clock runs on between ticks, at its speed, and never backwards', () => {
    const centre = new CentreClock();
    expect(centre.at(5)).toBe(0);
    centre.speed = 4;
    centre.set(1000, 50_000_000);
    expect(centre.at(1500)).toBe(52_000_000);
    centre.set(1600, 51_900_000);
    expect(centre.at(1600)).toBe(52_000_000);
    expect(centre.at(2000)).toBe(53_500_000);
  });
});
