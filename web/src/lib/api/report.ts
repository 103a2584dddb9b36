import type { Bilingual, Micros, Millis } from './model';

export interface Bin { from_ms: Millis; to_ms: Millis; n: number }

export interface ClockReport {
  id: string;
  name: Bilingual;
  source: string;
  verified: boolean;
  priority: string | null;
  target_ms: Millis | null;
  required_share: number | null;
  n: number;
  n_missing: number;
  n_running: number;
  within: number | null;
  share: number | null;
  is_met: boolean | null;
  mean_ms: Millis | null;
  p50_ms: Millis | null;
  p90_ms: Millis | null;
  p95_ms: Millis | null;
  max_ms: Millis | null;
  bins: Bin[];
}

export interface Report {
  generated_at: Micros;
  clocks: ClockReport[];
  units: { unit: string; busy_ms: Millis; on_duty_ms: Millis; share: number | null }[];
  calls_per_hour: { from: Micros; n: number }[];
  priorities: { code: string; n: number }[];
  overruled: { n: number; of: number };
  hospitals: {
    hospital: string;
    requested: number;
    accepted: number;
    diverted: number;
    tasks: number;
    tasks_late: number;
  }[];
}
