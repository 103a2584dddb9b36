import type { Alarm, AlarmKind, AlarmPriority, DerivedTold, ElectrodesExchanged, HeldAlarm, LeadWatch, Micros, Millis, News2, ScoreTold, Shows, Vitals } from '../lib/api/model';

/** A class of what is sent, as docs/uplink.md names it. */
export type SentClass = 'alarm' | 'command' | 'voice' | 'vitals' | 'waveform' | 'video' | 'image' | 'record' | 'backfill' | 'bulk';

/** Whether what was asked of a network is kept, as far as is measured. */
export type Kept = 'yes' | 'no' | 'unknown';

/** What the gateway says of itself at /api/view. */
export interface LocalView {
  unit: string;
  incident: number | null;
  now: Micros;
  link: { state: 'connected' | 'offline'; since: Micros; backlog_frames: number };
  /** What carries its frames; no links where one WebSocket does. */
  carriers: {
    links: {
      name: string;
      from: string;
      standing: 'down' | 'fresh' | 'good' | 'suspect';
      round_trip_ms: number | null;
      queue_ms: number | null;
      rate_bps: number | null;
      loss: number | null;
      sent_bytes: number;
      complaint: string | null;
      /** What was asked of the network for each class in use, and whether it is kept. */
      asked: { class: SentClass; five_qi: number; delay_ms: number; delay: Kept; loss_max: number; loss: Kept }[];
    }[];
    classes: { name: SentClass; waiting_bytes: number; sent: number; late: number; deadline_ms: number }[];
    clock: { ahead_ms: number; within_ms: number } | null;
    /** Frames that wait on the disk and in memory, and those that were ever given up. */
    outbox: {
      alarms: number; vitals: number; records: number; waves: number;
      expired: number; no_space: number; in_memory: number; in_memory_max: number;
    };
  };
  vitals: Vitals | null;
  vitals_at?: Micros | null;
  news2: News2 | null;
  scores: ScoreTold[];
  alarms: Alarm[];
  audio: { state: 'silent' | 'sounding' | 'paused'; priority: AlarmPriority | null; until: Micros | null };
  /** `null` where a sample was missing. */
  wave: { lead: string; hz: number; start: Micros; microvolts: (number | null)[]; beats?: number[] } | null;
  leads: LeadWatch[];
  complaints: string[];
  /** What virtual sensors say. */
  derived: DerivedTold[];
  /** Alarms that are held back against a pulse wave. */
  held: HeldAlarm[];
  electrodes: ElectrodesExchanged | null;
  /** A pulse that a camera saw; none of the vital signs. */
  camera: { at: Micros; rate: number; within: number } | null;
}

/** What the gateway says of its alarms since it started, at /api/alarms/budget. */
export interface AlarmBudget {
  watched: Millis;
  n_told: number;
  told_per_hour: number | null;
  kinds: {
    kind: AlarmKind;
    n_told: number;
    n_acknowledged: number;
    median_to_acknowledge: Millis | null;
    n_within_condition_delay: number;
    n_within_signal_delay: number;
    /** How often a pulse wave showed what cannot be then. */
    suppressed: Partial<Record<Shows, number>>;
  }[];
}

/** The part of a window of samples that starts at `from`, NaN where one was missing; windows of successive answers overlap. */
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
    microvolts: microvolts.slice(skip).map((it) => it ?? NaN),
    beats: beats.filter((beat) => beat >= skip).map((beat) => beat - skip),
    endUs: start + us(microvolts.length),
  };
}
