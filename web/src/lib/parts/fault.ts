import { Refusal, Unreachable } from '../api/client';
import type { Texts } from '../i18n/en';
import { clock } from '../time/format';

/** Something that did not work, in words for the person who asked for it. */
export interface Fault {
  message: string;
  detail: string | null;
}

export function describeFault(error: unknown, t: Texts): Fault {
  if (error instanceof Unreachable) return { message: t.fault.unreachable, detail: null };
  if (error instanceof Refusal && error.wonBy) {
    const { actor, at, what } = error.wonBy;
    const name = t.event_name[what] ?? what;
    return { message: t.fault.won_by(actor, name, clock(at)), detail: error.message };
  }
  return { message: error instanceof Error ? error.message : String(error), detail: null };
}
