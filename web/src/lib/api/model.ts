/** The words of docs/api.md as TypeScript; times are µs since 1970, spans are ms. */

export type Micros = number;
export type Millis = number;

export interface Position { lat: number; lon: number }
export interface Bilingual { en: string; zh: string }

export type UnitKind = 'bls' | 'als' | 'physician' | 'drone' | 'doctor_car';
export type Leg = 'to_scene' | 'to_hospital';
export type HospitalCapability =
  | 'emergency' | 'pci' | 'stroke_thrombolysis' | 'stroke_thrombectomy' | 'trauma' | 'burns'
  | 'obstetrics' | 'paediatrics' | 'intensive_care' | 'psychiatry' | 'toxicology'
  | 'neonatal_intensive_care' | 'paediatric_trauma';
export type Phase =
  | 'notified' | 'acknowledged' | 'en_route' | 'staged' | 'on_scene' | 'at_patient'
  | 'care_handed_on' | 'transporting' | 'at_landing_area' | 'at_hospital' | 'care_transferred';
export type UnitStep =
  | 'acknowledge' | 'go_en_route' | 'stage' | 'arrive_on_scene' | 'reach_patient'
  | 'hand_care_on' | 'leave_scene' | 'reach_landing_area' | 'arrive_at_hospital'
  | 'transfer_care' | 'return_to_service' | 'stand_down' | 'return_home' | 'complete_call';
export type IncidentState =
  | 'received' | 'triaged' | 'assigned' | 'attended' | 'transporting' | 'at_hospital'
  | 'closed' | 'cancelled';
export type Outcome = 'handed_over' | 'treated_on_scene' | 'remote_care' | 'no_patient';

export interface Priority { rank: number; code: string }

export interface Call {
  position: Position;
  address: string;
  caller: string | null;
  complaint: string;
  answers: Record<string, string>;
  age: number | null;
  rang_at: Micros;
  answered_at?: Micros | null;
}

export type EtaCause =
  | { cause: 'planned' }
  | { cause: 'position_reported' }
  | { cause: 'traffic_changed' }
  | { cause: 'step_taken'; step: UnitStep }
  | { cause: 'scene_time_overrun'; on_scene: Millis };

export interface Eta { unit: string; leg: Leg; eta: Micros; likely?: [Micros, Micros] | null; cause: EtaCause }

export type ReceptionState =
  | { state: 'requested' } | { state: 'acknowledged' } | { state: 'accepted' }
  | { state: 'diverted'; reason: string } | { state: 'arrived' } | { state: 'withdrawn' };
export type ReceptionAnswer =
  | { answer: 'acknowledge' } | { answer: 'accept' } | { answer: 'divert'; reason: string };
export type TaskKind = 'drug' | 'equipment' | 'department' | 'people';
export type TaskState = 'planned' | 'acknowledged' | 'ready' | 'cancelled';
export type TaskStep = 'acknowledge' | 'finish';

export interface Task {
  id: number;
  kind: TaskKind;
  what: string;
  lead: Millis;
  due: Micros;
  start_by?: Micros;
  state: TaskState;
}

export interface Reception {
  incident: number;
  hospital: string;
  state: ReceptionState;
  eta: Micros;
  tasks: Task[];
}

export type Consciousness = 'alert' | 'confusion' | 'voice' | 'pain' | 'unresponsive';

export interface Vitals {
  heart_rate: number | null;
  respiratory_rate: number | null;
  spo2: number | null;
  on_oxygen: boolean | null;
  systolic: number | null;
  diastolic: number | null;
  temperature: number | null;
  consciousness: Consciousness | null;
  /** What the ECG shows; absent where none is connected. */
  rhythm?: HeartRhythm | null;
}

export type HeartRhythm =
  | 'unknown' | 'usual_rate' | 'bradycardia' | 'tachycardia' | 'supraventricular_tachycardia'
  | 'atrial_fibrillation' | 'ventricular_bigeminy' | 'ventricular_trigeminy' | 'idioventricular'
  | 'ventricular_tachycardia' | 'ventricular_fibrillation' | 'asystole';

export type ClinicalRisk = 'low' | 'low_medium' | 'medium' | 'high';
export interface News2 { score: number; risk: ClinicalRisk; missing: string[] }

export type AlarmPriority = 'low' | 'medium' | 'high';
export type AlarmKind =
  | 'asystole' | 'heart_rate_high' | 'heart_rate_low' | 'spo2_low' | 'respiration_high'
  | 'respiration_low' | 'systolic_low' | 'systolic_high' | 'news2_high' | 'lead_off'
  | 'ventricular_fibrillation' | 'ventricular_tachycardia';

export interface Alarm {
  kind: AlarmKind;
  priority: AlarmPriority;
  is_active: boolean;
  value: number | null;
  limit: number | null;
  /** Absent while nobody has acknowledged it. */
  signal?: AlarmSignal;
}

export type AlarmSignal = 'on' | 'acknowledged' | 'latched';

/** A score of the patient; both ends are the same once it is known. */
export interface ScoreTold {
  id: string;
  low: number | null;
  high: number | null;
  class_low: string | null;
  class_high: string | null;
  /** Items that are not known. */
  missing?: string[];
  standing: 'applies' | 'unknown' | 'does_not_apply';
}

export interface WaveChunk { lead: string; hz: number; microvolts: number[]; beats: number[] }

/** What one link carried; `up_kbps` is a lower bound where `is_at_least`. */
export interface LinkReading {
  link: string;
  cell?: string;
  signal_dbm?: number;
  up_kbps: number | null;
  is_at_least?: boolean;
  round_trip_ms: number | null;
}

export type FrameBody =
  | { kind: 'vitals'; vitals: Vitals; news2: News2 | null; scores?: ScoreTold[] }
  | ({ kind: 'wave' } & WaveChunk)
  | { kind: 'alarm'; alarm: Alarm }
  | { kind: 'derived'; derived: DerivedTold[] }
  | { kind: 'links'; position: Position | null; span: Millis; links: LinkReading[] }
  | { kind: 'camera_pulse'; pulse: { rate: number; within: number } }
  | { kind: 'watch'; leads: LeadWatch[]; held: HeldAlarm[] };

export interface Frame {
  unit: string;
  seq: number;
  at: Micros;
  incident: number | null;
  body: FrameBody;
}

export type UnitReason =
  | { reason: 'nearest' }
  | { reason: 'within_target'; eta: Millis; target: Millis }
  | { reason: 'right_capability'; has: UnitKind }
  | { reason: 'too_far'; eta: Millis; target: Millis }
  | { reason: 'may_be_late'; last: Millis; target: Millis }
  | { reason: 'wrong_capability'; has: UnitKind; needs: UnitKind }
  | { reason: 'more_than_needed'; has: UnitKind; needs: UnitKind }
  | { reason: 'stale_position'; age: Millis; limit: Millis }
  | { reason: 'no_position' }
  | { reason: 'crew_rest'; until: Micros }
  | { reason: 'shift_ends'; at: Micros }
  | { reason: 'would_uncover_area'; station: string; next_cover: Millis | null }
  | { reason: 'busy'; incident: number }
  | { reason: 'off_duty' }
  | { reason: 'lent'; until: Micros }
  | { reason: 'unreachable' }
  | { reason: 'diverted_from'; incident: number; rank: number }
  | { reason: 'cover_lost'; share_ppm: number }
  | { reason: 'fills'; slot: string }
  | { reason: 'cannot_transport' }
  | { reason: 'not_on_run_card'; card: string }
  | { reason: 'out_of_range'; metres: number; limit: number }
  | { reason: 'wind_unknown'; limit: number }
  | { reason: 'harm'; measure: 'late_calls' | 'lives'; milli: number }
  | { reason: 'call_loses'; incident: number; now: Millis; then: Millis | null }
  | { reason: 'look_ahead'; late_milli: number; fewer_milli: number; error_milli: number; n_futures: number }
  | { reason: 'meal_due'; closes: Micros }
  | { reason: 'range_low'; left_km: number; reserve_km: number };

/** Why a free unit is to wait at a station; shares are millionths of all expected demand. */
export type PostReason =
  | { reason: 'cover_gained'; share_ppm: number }
  | { reason: 'home' }
  | { reason: 'crew_rest'; until: Micros }
  | { reason: 'shift_ends'; at: Micros }
  | { reason: 'better_at'; station: string; share_ppm: number | null }
  | { reason: 'table_wants'; n_free: number }
  | { reason: 'list_wants' }
  | { reason: 'stays' }
  | { reason: 'move_gains'; share_ppm: number }
  | { reason: 'standard_gains' }
  | { reason: 'moved'; drive: Millis }
  | { reason: 'range_low'; left_km: number; reserve_km: number }
  | { reason: 'meal_due'; closes: Micros };

export type Need = 'needed' | 'wished';
/** Why nobody takes a place of a run card. */
export type NoUnit =
  | { why: 'not_needed'; by: string }
  | { why: 'no_such_unit' }
  | { why: 'not_free'; unit: string; reason: UnitReason }
  | { why: 'taken_by_others' }
  | { why: 'too_late'; unit: string; eta: Millis; limit: Millis }
  | { why: 'not_worth'; unit: string };
export type SlotState =
  | { state: 'held'; unit: string }
  | { state: 'fills'; unit: string; eta: Millis; from: number | null }
  | { state: 'empty'; why: NoUnit };
export interface ResponseSlot { slot: string; need: Need; kinds: UnitKind[]; state: SlotState }
/** Who takes the places of a call's run card. */
export interface Response {
  card: string;
  slots: ResponseSlot[];
  beyond: string[];
  first_crew: Millis | null;
  cost: number;
  cover_lost: number | null;
}

export type HospitalReason =
  | { reason: 'nearest' }
  | { reason: 'has_capability'; capability: HospitalCapability }
  | { reason: 'lacks_capability'; capability: HospitalCapability }
  | { reason: 'too_far'; drive: Millis; window: Millis }
  | { reason: 'may_be_too_far'; last: Millis; window: Millis }
  | { reason: 'crowded'; percent: number; limit: number }
  | { reason: 'overcrowded'; nedocs: number; limit: number }
  | { reason: 'crowding_unknown' }
  | { reason: 'diverting'; why: string }
  | { reason: 'refused'; why: string }
  | { reason: 'unreachable' }
  | {
      reason: 'stroke_outlook'; then: string | null; to_needle: Millis | null; to_puncture: Millis | null;
      chance_permille: number; behind_permille: number;
    }
  | { reason: 'stroke_times'; then: string | null; to_needle: Millis; to_puncture: Millis | null }
  | {
      reason: 'reperfusion'; then: string | null; how: 'primary_pci' | 'lysis' | 'late_pci'; to_wire: Millis | null;
      to_bolus: Millis | null; goal: Millis; counts_as: Millis;
    }
  | { reason: 'has_preferred'; capability: HospitalCapability }
  | { reason: 'lacks_preferred'; capability: HospitalCapability }
  | { reason: 'many_expected'; n: number; limit: number; within: Millis };

export type RemoteCareReason = {
  reason: 'no_suitable_hospital';
  needs: HospitalCapability[];
  window: Millis;
  nearest: Millis | null;
};

export interface UnitCandidate {
  unit: string;
  kind: UnitKind;
  eta: Millis | null;
  /** Between which four of five such drives end; absent where nobody has learnt that. */
  likely?: [Millis, Millis];
  cost: number;
  is_eligible: boolean;
  pros: UnitReason[];
  cons: UnitReason[];
}

export interface HospitalCandidate {
  hospital: string;
  drive: Millis | null;
  likely?: [Millis, Millis];
  cost: number;
  is_suitable: boolean;
  pros: HospitalReason[];
  cons: HospitalReason[];
}

export interface Choice<T> {
  policy: string;
  rank: number;
  chosen: T;
  passed_over: T[];
  overrule: string | null;
}

export interface Crowding { occupied: number; beds: number; census?: Census; reported_at: Micros }
/** What a department counts for NEDOCS. */
export interface Census { boarders: number; hospital_beds: number; ventilated: number; longest_boarding: Millis; last_wait: Millis }
export type Doors = { state: 'open' } | { state: 'diverting'; reason: string; until: Micros | null };

export type DerivedQuantity =
  | 'shock_index' | 'pulse_rate' | 'perfusion_index' | 'uncalibrated_spo2' | 'impedance_breaths' | 'pulse_breaths'
  | 'ecg_breaths' | 'pulse_transit_time' | 'systolic_change' | 'relative_cardiac_output' | 'end_tidal_co2'
  | 'inspired_co2' | 'capnogram_breaths' | 'plateau_slope' | 'since_last_breath';
export type WhyMissing = 'no_input' | 'too_old' | 'bad_quality' | 'too_short' | 'disagree' | 'not_calibrated';
export type DerivedOutcome =
  | { state: 'known'; value: number; sd: number }
  | { state: 'missing'; why: WhyMissing };

/** What a virtual sensor says: nobody measured it. */
export interface DerivedTold {
  quantity: DerivedQuantity;
  outcome: DerivedOutcome;
  /** What it came from; an input that is missing has no age. */
  chain: { id: string; age: Millis | null }[];
}

/** What a lead was like in its last second. */
export type LeadState = 'starting' | 'good' | 'noisy' | 'flat' | 'saturated' | 'off';
export interface LeadWatch { lead: string; state: LeadState; clock?: ClockWatch }
/** A device's clock as its samples' arrivals show it: ms late, how much slower it samples in millionths, and a sample's sd in µs. */
export interface ClockWatch { late: Millis; drift_ppm: number; sd_us: number }
/** Two electrodes that seem to be on each other's places; of the chest, the lower one's number. */
export type ElectrodesExchanged = { exchanged: 'arms' | 'right_arm_leg' } | { exchanged: 'chest'; lower: number };

/** What a pulse wave shows against an alarm of the ECG. */
export type Shows = 'longest_pause' | 'slowest_five' | 'fastest_beat' | 'steady_pulse';
/** An alarm of the ECG that is held back against a pulse wave. */
export interface HeldAlarm { kind: AlarmKind; since: Micros; channel: string; shows: Shows; value: number }

export type PhotoFlaw = 'small' | 'dark' | 'bright' | 'clipped' | 'black' | 'blurred';
/** What a camera in an ambulance kept of a patient. */
export type CameraFinding =
  | { what: 'wound'; photo: string; size: [number, number]; flaws: PhotoFlaw[] }
  | { what: 'refill'; time: Millis; within: Millis };
export type SeenByCamera = { unit: string; actor: string; at: Micros } & CameraFinding;
