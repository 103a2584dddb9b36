import type { Micros, Millis, Position, UnitKind } from './model';

export interface AidWant { kind: UnitKind; n: number }

export interface AidAsk {
  aid: number;
  round: number;
  incident: number;
  position: Position;
  wants: AidWant[];
  until: Micros;
  message: string;
}

export interface LentUnit { unit: string; kind: UnitKind; crew: string; position: Position; eta: Millis | null }

export type AidReply = { answer: 'consent'; units: LentUnit[] } | { answer: 'decline'; reason: string };
export type AidSide = 'asker' | 'lender';

export type AidOrder =
  | { type: 'ask'; of: string; incident: number; wants: AidWant[]; until: Micros; message: string }
  | { type: 'ask_longer'; aid: number; until: Micros; message: string }
  | { type: 'answer'; from: string; aid: number; round: number; units: string[]; reason?: string };

export type AidEvent =
  | { type: 'asked'; side: AidSide; with: string; ask: AidAsk }
  | { type: 'answered'; side: AidSide; with: string; aid: number; round: number; reply: AidReply }
  | { type: 'delivered'; side: AidSide; with: string; aid: number; round: number; problem?: string }
  | { type: 'unit_lent'; to: string; aid: number; unit: string; until: Micros }
  | { type: 'guest_came'; from: string; aid: number; unit: string; lent: LentUnit; home: Position; until: Micros }
  | { type: 'unit_returned'; side: AidSide; with: string; aid: number; unit: string }
  | { type: 'ended'; side: AidSide; with: string; aid: number };

export interface AidRound {
  ask: AidAsk;
  at: Micros;
  reply: AidReply | null;
  /** How this centre's own message fares: the request where it asked, else the answer. */
  delivery: { state: 'pending' } | { state: 'done'; at: Micros } | { state: 'failed'; problem: string };
}

/** Aid between this centre and another; `aid` is the number at the one that asked. */
export interface Aid {
  side: AidSide;
  with: string;
  aid: number;
  rounds: AidRound[];
  /** Units on loan by their call sign here, and until when. */
  units: Record<string, Micros>;
  is_over: boolean;
}

export interface Aids { now: Micros; aid: Aid[] }
export interface Guest { lender: string; until: Micros; eta: Millis | null; is_due_back: boolean }
