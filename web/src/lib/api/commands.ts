import type { Findings } from './findings';
import type { AidOrder } from './aid';
import type { MajorOrder } from './major';
import type { AlarmKind, Call, Census, Micros, Outcome, ReceptionAnswer, TaskStep } from './model';

/** The commands that people give on these screens; crews and gateways give the others. */
export type Command =
  | { type: 'take_call'; call: Call; priority: string | null }
  | {
      type: 'triage'; incident: number; expected_version: number | null; priority: string;
      reason: string | null;
    }
  | {
      type: 'assign_unit'; incident: number; expected_version: number | null; unit: string;
      overrule: string | null;
    }
  | {
      type: 'choose_hospital'; incident: number; expected_version: number | null;
      hospital: string; overrule: string | null;
    }
  | { type: 'answer_reception'; hospital: string; incident: number; answer: ReceptionAnswer }
  | { type: 'step_task'; hospital: string; task: number; step: TaskStep }
  | { type: 'report_crowding'; hospital: string; occupied: number; beds: number; census?: Census }
  | { type: 'divert_ambulances'; hospital: string; reason: string; until: Micros | null }
  | { type: 'open_doors'; hospital: string }
  | { type: 'answer_remote_care'; incident: number; expert: string; is_accepted: boolean }
  | { type: 'close_incident'; incident: number; outcome: Outcome }
  | { type: 'cancel_incident'; incident: number; expected_version: number | null; reason: string }
  | { type: 'record_findings'; incident: number; unit: string; at: Micros; findings: Findings }
  | { type: 'major_incident'; incident: number; order: MajorOrder }
  | { type: 'declare_surge'; hospital: string; places: [number, number, number] }
  | { type: 'aid'; order: AidOrder }
  | {
      type: 'divert_unit'; incident: number; expected_version: number | null; unit: string;
      from: number; overrule: string | null;
    }
  | { type: 'switch_policy'; policy: string; reason: string }
  | { type: 'post_unit'; unit: string; station: string; overrule: string | null }
  | {
      type: 'send_response'; incident: number; expected_version: number | null; units: string[];
      diverted: Record<string, number>; overrule: string | null;
    }
  | {
      type: 'trim_response'; incident: number; expected_version: number | null; by: string;
      units: string[];
    }
  | { type: 'acknowledge_alarm'; incident: number; unit: string; kind: AlarmKind }
  | { type: 'exchange_unit'; incident: number; expected_version: number | null; unit: string; instead_of: string }
  | { type: 'report_range'; unit: string; km: number };

export interface Ack { seq: number; incident: number | null; is_repeated: boolean }
export interface Winner { actor: string; at: Micros; what: string }
