import type {
  Alarm, Bilingual, Call, Crowding, DerivedTold, Doors, Eta, HeldAlarm, HospitalCandidate, HospitalCapability,
  IncidentState, LeadWatch, Micros, Millis, Need, News2, Outcome, Phase, Position, PostReason, Priority,
  Reception, RemoteCareReason, Response, ScoreTold, SeenByCamera, UnitCandidate, UnitKind, Vitals, WaveChunk,
} from './model';
import type { Recorded } from './events';
import type { Found, Judgement } from './findings';
import type { Guest } from './aid';
import type { Announced, MajorSummary, Surge } from './major';

export interface City {
  name: string;
  bounds: [west: number, south: number, east: number, north: number];
  attribution: string;
  /** The file of speeds by hour of the week under which times are told; nobody has checked it. */
  week?: string | null;
}

export interface Level { rank: number; code: string; name: Bilingual; target: Millis | null }
export interface Scheme { id: string; name: Bilingual; levels: Level[] }

export type PatientState =
  | { state: 'waiting' } | { state: 'in_care'; unit: string }
  | { state: 'handed_over'; hospital: string } | { state: 'discharged' };

export interface RemoteCare {
  reason: RemoteCareReason;
  answered_by: string | null;
  is_accepted: boolean | null;
}

export interface IncidentView {
  id: number;
  version: number;
  state: IncidentState;
  priority: Priority | null;
  suggested: Priority;
  because: string[];
  call: Call;
  units: string[];
  hospital: string | null;
  outcome: Outcome | null;
  patient: { id: number } & PatientState;
  opened_at: Micros;
  last_change: { actor: string; at: Micros; what: string };
  etas: Eta[];
  reception: Reception | null;
  remote_care: RemoteCare | null;
  alarms: { unit: string; alarm: Alarm; at: Micros }[];
  times: { etimes: string; unit: string | null; at: Micros }[];
  /** What crews found on scene, the newest of each kind. */
  findings: Found[];
  /** A free unit that may take over from one on its way; spans since the call rang. */
  takeover?: { unit: string; instead_of: string; now: Millis; then: Millis; policy: string } | null;
  /** Where it was declared a major incident. */
  major?: MajorSummary | null;
  /** Who takes the places of the run card; null once the patient has left the scene. */
  response?: Standing | null;
  /** What cameras in ambulances kept, the newest last. */
  camera?: SeenByCamera[];
}

export interface Standing {
  card: string;
  slots: { slot: string; need: Need; kinds: UnitKind[]; unit: string | null }[];
  beyond: string[];
}

export type UnitState =
  | { state: 'off_duty' }
  | { state: 'available'; last?: number | null }
  | { state: 'engaged'; incident: number; phase: Phase }
  | { state: 'lent'; until: Micros };

export type CrewState =
  | { state: 'on_shift'; until: Micros }
  | { state: 'resting'; until: Micros; shift_until: Micros };

export interface Post {
  station: string;
  policy: string;
  reasons: PostReason[];
  overrule: string | null;
  at: Micros;
}

/** A policy that the centre may be run by. */
export interface Policy {
  name: string;
  about: Bilingual;
  dispatch: string;
  relocation: string;
  cover_within: Millis | null;
  diversions: { from: number; to: number[] }[];
}

export interface Policies {
  in_force: string;
  policies: Policy[];
  /** Where calls are expected: a file that nobody here has checked; `null` for all streets alike. */
  demand: { file: string | null };
}

export interface UnitView {
  id: string;
  kind: UnitKind;
  state: UnitState;
  since: Micros;
  home: Position;
  /** Where it waits while it is free. */
  station: string | null;
  /** Where it was last told to wait in this shift, and why. */
  post?: Post | null;
  crew: { id: string; state: CrewState };
  position: Position | null;
  position_at: Micros | null;
  /** Whose it is, where another centre lent it. */
  guest?: Guest | null;
}

export interface HospitalView {
  id: string;
  name: string;
  name_zh: string | null;
  position: Position;
  capabilities: HospitalCapability[];
  emergency_beds: number | null;
  is_invented: boolean;
  crowding: Crowding | null;
  /** National ED Overcrowding Scale, rounded; null where the department told no census. */
  nedocs: number | null;
  doors: Doors;
  receptions: Reception[];
  /** Casualties of major incidents who are to come. */
  casualties?: Announced[];
  surge?: Surge | null;
}

export interface StationProfile { id: string; name: string; position: Position; is_placed: boolean }

/** A patient's newest vital signs; they are as old as `at`. */
export interface LatestVitals {
  unit: string;
  at: Micros;
  /** The truth lies within so many µs of `at`; null where the unit's clock is not known. */
  within_us: Micros | null;
  incident: number | null;
  vitals: Vitals;
  news2: News2 | null;
  /** Scores that they begin; the reference has their texts. */
  scores?: ScoreTold[];
}

/** How much is known of the traffic; an arc is one direction of a stretch between junctions. */
export interface TrafficSummary {
  n_arcs: number;
  n_closed: number;
  /** Those that only the fleet's own drives tell of. */
  n_fleet: number;
  newest: Micros | null;
  next_end: Micros | null;
}

export interface Stretch {
  edge: number;
  direction: 'forward' | 'backward';
  source: 'file' | 'fleet';
  street: string | null;
  /** `null` where it is closed. */
  kmh: number | null;
  free_kmh: number;
  since: Micros;
  until: Micros;
  points: [lon: number, lat: number][];
}

/** The live traffic that the centre believes, the worst first. */
export interface Traffic extends TrafficSummary {
  now: Micros;
  stretches: Stretch[];
}

/** What networks carry, by squares: GeoJSON. */
export interface Coverage {
  type: 'FeatureCollection';
  metres: number;
  networks: string[];
  features: {
    type: 'Feature';
    geometry: { type: 'Polygon'; coordinates: [lon: number, lat: number][][] };
    properties: {
      network: string;
      median_kbps: number | null;
      /** It may be more: nothing was driven to its limit there often enough. */
      is_at_least: boolean;
      low_kbps: number | null;
      is_low_at_least: boolean;
      n: number;
      n_at_least: number;
      delay_ms: number | null;
      n_delays: number;
    };
  }[];
}

/** What a unit's way is expected to carry, and what other ways would. */
export interface Outlook {
  needs_kbps: number;
  hour: number | null;
  ways: { duration: Millis; lacking: Millis; unknown: Millis; first_hole: [Millis, Millis] | null }[];
  best: number | null;
  holes: { network: string; from: Millis; until: Millis }[];
}

export interface Snapshot {
  seq: number;
  now: Micros;
  speed: number;
  city: City;
  scheme: Scheme;
  incidents: IncidentView[];
  units: UnitView[];
  vitals: LatestVitals[];
  hospitals: HospitalView[];
  stations: StationProfile[];
  traffic: TrafficSummary;
  /** The policy in force. */
  policy?: string;
}

export interface Recommendation {
  incident: number;
  version: number;
  at: Micros;
  units: { policy: string; candidates: UnitCandidate[] };
  hospitals: {
    policy: string;
    needs: HospitalCapability[];
    prefers: HospitalCapability[];
    judgements: Judgement[];
    window: Millis;
    candidates: HospitalCandidate[];
  };
  remote_care: RemoteCareReason | null;
  response: Response | null;
}

export interface Route {
  points: [lon: number, lat: number][];
  duration: Millis;
  metres: number;
  leg: 'to_scene' | 'to_hospital';
  incident: number;
}

export interface VitalsMessage extends LatestVitals {
  type: 'vitals';
  seq: number;
}

export type WaveMessage = { type: 'wave'; unit: string; seq: number; at: Micros } & WaveChunk;

/** What virtual sensors say of a unit's patient. */
export interface DerivedMessage {
  type: 'derived';
  unit: string;
  seq: number;
  at: Micros;
  incident: number | null;
  derived: DerivedTold[];
}

/** A pulse that a camera in a unit sees; none of the vital signs. */
export interface CameraPulseMessage { type: 'camera_pulse'; unit: string; seq: number; at: Micros; incident: number | null; pulse: { rate: number; within: number } }

/** How well a unit sees its patient. */
export interface WatchMessage { type: 'watch'; unit: string; seq: number; at: Micros; incident: number | null; leads: LeadWatch[]; held: HeldAlarm[] }

export type StreamMessage =
  | { type: 'hello'; seq: number; now: Micros; speed: number }
  | {
      type: 'event';
      recorded: Recorded;
      incident: IncidentView | null;
      unit: UnitView | null;
      hospital: HospitalView | null;
    }
  | { type: 'positions'; now: Micros; positions: [string, number, number, Micros][] }
  | VitalsMessage
  | WaveMessage
  | { type: 'traffic'; now: Micros; traffic: TrafficSummary }
  | { type: 'tick'; now: Micros; seq: number }
  | DerivedMessage
  | CameraPulseMessage
  | WatchMessage;
