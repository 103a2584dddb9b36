import type { Alarm, Micros, News2, Vitals } from '../lib/api/model';

/** What the gateway says of itself at /api/view. */
export interface LocalView {
  unit: string;
  incident: number | null;
  now: Micros;
  link: { state: 'connected' | 'offline'; since: Micros; backlog_frames: number };
  vitals: Vitals | null;
  vitals_at?: Micros | null;
  news2: News2 | null;
  alarms: Alarm[];
  wave: { lead: string; hz: number; start: Micros; microvolts: number[]; beats?: number[] } | null;
  complaints: string[];
}

/** The part of a window of samples that starts at `from`; windows of successive answers overlap. */
export function newPart(
  wave: NonNullable<LocalView['wave']>,
  from: Micros | null,
): { atUs: Micros; microvolts: number[]; beats: number[]; endUs: Micros } {
  const { start, hz, microvolts, beats = [] } = wave;
  const seen = from === null ? 0 : Math.round(((from - start) * hz) / 1e6);
  const skip = Math.min(Math.max(seen, 0), microvolts.length);
  const us = (n: number) => Math.round((n * 1e6) / hz);
  return {
    atUs: start + us(skip),
    microvolts: microvolts.slice(skip),
    beats: beats.filter((beat) => beat >= skip).map((beat) => beat - skip),
    endUs: start + us(microvolts.length),
  };
}
