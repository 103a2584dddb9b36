import type { Micros, Millis } from '../api/model';

const two = (n: number) => String(n).padStart(2, '0');

/** A span as a dispatcher reads it: `0:09`, `14:10`, `1:02:03`. */
export function span(ms: Millis): string {
  const secs = Math.floor(Math.abs(ms) / 1000);
  const sign = ms < 0 && secs > 0 ? '-' : '';
  const [hours, mins] = [Math.floor(secs / 3600), Math.floor(secs / 60) % 60];
  const head = hours > 0 ? `${hours}:${two(mins)}` : String(mins);
  return `${sign}${head}:${two(secs % 60)}`;
}

/** A span with the bounds between which four of five such drives end, where they are known: `7:10 (6:20–8:40)`. */
export function spanWithin(ms: Millis, likely: readonly [Millis, Millis] | null | undefined): string {
  return likely ? `${span(ms)} (${span(likely[0])}–${span(likely[1])})` : span(ms);
}

/** The wall clock of a centre time, in the zone of the person who looks: `16:58:07`. */
export function clock(at: Micros, zone?: string): string {
  return new Date(at / 1000).toLocaleTimeString('en-GB', { hour12: false, timeZone: zone });
}

/** The same without seconds. */
export function clockShort(at: Micros, zone?: string): string {
  return clock(at, zone).slice(0, 5);
}

/** What is left until the bounds of an arrival; what has passed counts as now. */
export function leftWithin([first, last]: readonly [Micros, Micros], now: Micros): [Millis, Millis] {
  return [Math.max(0, between(now, first)), Math.max(0, between(now, last))];
}

/** How much a time may be off, rounded up: `3 ms`, `12 s`. */
export function within(us: Micros): string {
  return us < 10_000_000 ? `${Math.ceil(us / 1000)} ms` : `${Math.ceil(us / 1_000_000)} s`;
}

/** Milliseconds from `from` to `to`. */
export function between(from: Micros, to: Micros): Millis {
  return Math.round((to - from) / 1000);
}
