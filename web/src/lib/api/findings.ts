import type { Bilingual, HospitalCapability, Micros, Millis } from './model';

/** Points of the five signs; `null` where nobody looked. */
export interface RaceItems {
  face: number | null; arm: number | null; leg: number | null; gaze: number | null; cortex: number | null;
}

export type BurnDepth = 'superficial' | 'partial' | 'deep_partial' | 'full';

/** What a crew finds on scene; what was not looked at is `null`. */
export type Findings =
  | { kind: 'stroke'; race: RaceItems; last_known_well: Micros | null }
  | { kind: 'ecg'; is_stemi: boolean; recorded_at: Micros; onset: Micros | null; crew_gives_lysis: boolean | null }
  | {
      kind: 'injury'; motor: number | null; breaths: number | null; saturation: number | null;
      systolic: number | null; pulse: number | null; criteria: string[];
    }
  | { kind: 'burn'; tbsa_percent: number | null; depth: BurnDepth | null; criteria: string[] }
  | { kind: 'obstetric'; weeks: number | null; signs: string[] }
  | { kind: 'child'; appearance: boolean | null; breathing: boolean | null; circulation: boolean | null };

export type FindingsKind = Findings['kind'];

export interface Found { findings: Findings; unit: string; actor: string; at: Micros }

export type Verdict =
  | {
      verdict: 'stroke'; race: number; missing: string[]; positive_from: number;
      occlusion_permille: number | null; since_onset: Millis | null;
    }
  | { verdict: 'stemi'; since_diagnosis: Millis; since_onset: Millis | null; wire_max: Millis }
  | {
      verdict: 'criteria'; grade: string; met: string[]; missing: string[];
      needs: HospitalCapability[]; prefers: HospitalCapability[];
    };

export interface Judgement { model: string; is_verified: boolean; verdict: Verdict }

/** A data file that decides where a patient belongs. */
export interface Destination {
  kind: FindingsKind;
  model: string;
  criteria: { id: string; name: Bilingual; grade: string | null }[];
  sources: { text: string; verified: boolean }[];
}
