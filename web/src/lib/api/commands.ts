import type { Call, Census, Micros, Outcome, ReceptionAnswer, TaskStep } from './model';

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
  | {
      type: 'send_response'; incident: number; expected_version: number | null; units: string[];
      overrule: string | null;
    }
  | {
      type: 'trim_response'; incident: number; expected_version: number | null; by: string;
      units: string[];
    };

export interface Ack { seq: number; incident: number | null; is_repeated: boolean }
export interface Winner { actor: string; at: Micros; what: string }
