import type { Findings } from './findings';
import type { AidEvent } from './aid';
import type { MajorEvent, Surge } from './major';
import type {
  Alarm, AlarmKind, Call, CameraFinding, Choice, Crowding, Doors, EtaCause, HospitalCandidate, Leg, Micros, Millis, Outcome,
  Position, PostReason, Priority, ReceptionAnswer, RemoteCareReason, Task, TaskStep, UnitCandidate, UnitKind,
  UnitStep,
} from './model';

/** How far the centre's clock was ahead of a unit's; the truth lies within `uncertainty_us` of it. */
export interface ClockOffset { ahead_us: Micros; uncertainty_us: Micros }

export type Event =
  | {
      type: 'unit_signed_on'; unit: string; kind: UnitKind; home: Position;
      station: string | null; crew: string; shift_until: Micros;
    }
  | { type: 'unit_signed_off'; unit: string }
  | { type: 'crew_rested'; unit: string; until: Micros }
  | { type: 'crew_rest_ended'; unit: string }
  | {
      type: 'call_received'; incident: number; patient: number; call: Call;
      suggested: Priority; because: string[];
    }
  | {
      type: 'incident_triaged'; incident: number; priority: Priority; suggested: Priority;
      reason: string | null;
    }
  | { type: 'unit_assigned'; incident: number; unit: string; choice: Choice<UnitCandidate> }
  | { type: 'unit_stepped'; unit: string; incident: number; step: UnitStep }
  | {
      type: 'eta_revised'; incident: number; unit: string; leg: Leg; eta: Micros;
      likely?: [Micros, Micros]; cause: EtaCause;
    }
  | {
      type: 'hospital_chosen'; incident: number; hospital: string;
      choice: Choice<HospitalCandidate>;
    }
  | {
      type: 'reception_requested'; incident: number; hospital: string; eta: Micros; tasks: Task[];
    }
  | { type: 'reception_answered'; incident: number; hospital: string; answer: ReceptionAnswer }
  | { type: 'reception_withdrawn'; incident: number; hospital: string; reason: string }
  | {
      type: 'tasks_moved'; incident: number; hospital: string; tasks: number[]; from: Micros;
      to: Micros; cause: EtaCause;
    }
  | { type: 'task_stepped'; hospital: string; incident: number; task: number; step: TaskStep }
  | { type: 'crowding_reported'; hospital: string; crowding: Crowding }
  | { type: 'doors_changed'; hospital: string; doors: Doors }
  | { type: 'remote_care_proposed'; incident: number; reason: RemoteCareReason }
  | { type: 'remote_care_answered'; incident: number; expert: string; is_accepted: boolean }
  | { type: 'alarm_reported'; incident: number; unit: string; alarm: Alarm; clock?: ClockOffset }
  | { type: 'alarm_acknowledged'; incident: number; unit: string; kind: AlarmKind }
  | { type: 'incident_closed'; incident: number; outcome: Outcome }
  | { type: 'incident_cancelled'; incident: number; reason: string }
  | { type: 'findings_recorded'; incident: number; unit: string; findings: Findings }
  | { type: 'major_incident'; incident: number; what: MajorEvent }
  | { type: 'response_trimmed'; incident: number; unit: string; card: string; slots: string[] }
  | { type: 'surge_declared'; hospital: string; surge: Surge }
  | { type: 'aid'; what: AidEvent }
  | { type: 'unit_diverted'; incident: number; unit: string; to: number }
  | { type: 'policy_switched'; from: string; to: string; reason: string }
  | {
      type: 'unit_posted'; unit: string; station: string; policy: string; reasons: PostReason[];
      overrule: string | null;
    }
  | {
      type: 'exchange_proposed'; incident: number; unit: string; instead_of: string; now: Millis; then: Millis;
      policy: string;
    }
  | { type: 'camera_recorded'; incident: number; unit: string; finding: CameraFinding }
  | { type: 'range_reported'; unit: string; km: number };

/** When something happened by the centre's clock, and within how many µs; null where nobody knows. */
export function seen({ occurred_at: at, event }: Recorded): { at: Micros; withinUs: Micros | null } {
  if (event.type !== 'alarm_reported') return { at, withinUs: 0 };
  return { at: at + (event.clock?.ahead_us ?? 0), withinUs: event.clock?.uncertainty_us ?? null };
}

export interface Recorded {
  seq: number;
  occurred_at: Micros;
  recorded_at: Micros;
  actor: string;
  key: string | null;
  event: Event;
}
