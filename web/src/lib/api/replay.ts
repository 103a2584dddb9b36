import type { Bilingual, HospitalCandidate, Micros, Millis, NoUnit, Position, Priority, UnitCandidate } from './model';

export interface Side {
  sent_first: string | null;
  unit: string | null;
  sent_at: Micros | null;
  sent_from: Position | null;
  arrived_at: Micros | null;
  response: Millis | null;
  is_late: boolean | null;
  hospital: string | null;
  door_at: Micros | null;
}

export type Why =
  | { why: 'unit_preferred'; taken: UnitCandidate; instead_of: UnitCandidate }
  | { why: 'overrule_not_repeated'; chosen: string; reason: string }
  | { why: 'busy' | 'freed'; unit: string; incident: number }
  | { why: 'elsewhere'; unit: string; after: number | null }
  | { why: 'may_not_be_sent'; unit: UnitCandidate }
  | { why: 'near_tie'; by: Millis }
  | { why: 'position_was_old'; unit: string }
  | { why: 'hospital_preferred'; taken: HospitalCandidate; instead_of: HospitalCandidate | null }
  | { why: 'other_place' | 'place_filled'; unit: string; slot: string }
  | { why: 'place_empty'; slot: string; reason: NoUnit }
  | { why: 'waits' | 'loses_unit' | 'no_unit' | 'other_time' };

export type Assumed =
  | 'turn_out' | 'drive_to_scene' | 'on_scene' | 'drive_to_hospital' | 'hand_over' | 'hospital_takes_patient';

export interface CallChange {
  incident: number;
  rang_at: Micros;
  position: Position;
  complaint: string;
  priority: Priority;
  recorded: Side;
  replayed: Side;
  response_change: Millis | null;
  door_change: Millis | null;
  /** The places of its run card at the first decision. */
  places: { slot: string; recorded: string | null; replayed: string | null; why: Why[] }[];
  is_changed: boolean;
  why: Why[];
  assumed: Assumed[];
}

export interface Interval { estimate: number; ends: [number, number] | null }

export interface Counterfactual {
  policy: string;
  recorded_policies: string[];
  from: Micros;
  until: Micros;
  summary: {
    n_calls: number;
    n_other_unit: number;
    n_other_hospital: number;
    n_changed: number;
    n_knock_on: number;
    n_compared: number;
    response_median: [Millis, Millis] | null;
    response_mean: [Millis, Millis] | null;
    response_change_s: Interval | null;
    n_judged: number;
    n_late: [number, number];
    late_change_points: Interval | null;
    n_overruled: number;
    n_posts_overruled: number;
  };
  likeness: {
    n_units: number;
    n_same_units: number;
    n_hospitals: number;
    n_same_hospitals: number;
    response_off: Millis | null;
    unknown_policies: string[];
  };
  calls: CallChange[];
}

export interface ReplayWish { policy: string; last_hours: number }

export interface ReplayState {
  state: 'none' | 'running' | 'done' | 'failed';
  policies: { name: string; about: Bilingual }[];
  wish: ReplayWish | null;
  n_done: number;
  n_calls: number;
  result: Counterfactual | null;
  error: string | null;
}

export interface Ways { recorded: [number, number][]; replayed: [number, number][] }
