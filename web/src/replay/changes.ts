import type { HospitalReason, Millis, UnitCandidate, UnitReason } from '../lib/api/model';
import type { CallChange, Why } from '../lib/api/replay';
import { sayHospitalReason, sayNoUnit, sayUnitReason, type Speech } from '../lib/i18n/reasons';
import { span } from '../lib/time/format';

/** The calls that differ, the largest difference of response first; one without a time comes last. */
export function changed(calls: CallChange[]): CallChange[] {
  const size = ({ response_change }: CallChange) => (response_change === null ? -1 : Math.abs(response_change));
  return calls.filter((call) => call.is_changed).toSorted((a, b) => size(b) - size(a) || a.incident - b.incident);
}

/** A change with its sign: `+1:20`, `−0:45`. */
export function signed(ms: Millis | null): string {
  if (ms === null) return '–';
  const text = span(Math.abs(ms));
  return text === '0:00' ? text : `${ms < 0 ? '−' : '+'}${text}`;
}

/** A number with its sign and so many digits. */
export function signedNumber(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
}

export const isKnockOn = ({ why }: CallChange) =>
  why.some((one) => ['busy', 'freed', 'elsewhere', 'waits', 'other_time'].includes(one.why));

export interface ReplaySpeech extends Speech {
  hospitalName(id: string): string;
}

/** What speaks against a unit; reasons without words yet are left out. */
function cons(candidate: UnitCandidate, speech: Speech): string {
  const say = (reason: UnitReason) => sayUnitReason(reason, speech) as string | undefined;
  return candidate.cons.map(say).filter((text) => text !== undefined).join(speech.t.replay.comma);
}

function against(reasons: HospitalReason[], speech: ReplaySpeech): string {
  return reasons.map((reason) => sayHospitalReason(reason, speech)).join(speech.t.replay.comma);
}

const slotName = (id: string, speech: ReplaySpeech) => speech.slotName?.(id) ?? id;

/** Why a call differs, in the present language. */
export function sayWhy(why: Why, speech: ReplaySpeech): string {
  const say = speech.t.replay.why;
  const unit = (it: UnitCandidate) => say.unit(it.unit, it.eta === null ? '–' : span(it.eta), cons(it, speech));
  switch (why.why) {
    case 'unit_preferred': return say.unit_preferred(unit(why.taken), unit(why.instead_of));
    case 'overrule_not_repeated': return say.overrule_not_repeated(speech.hospitalName(why.chosen), why.reason);
    case 'busy': return say.busy(why.unit, why.incident);
    case 'freed': return say.freed(why.unit, why.incident);
    case 'elsewhere':
      return why.after === null ? say.elsewhere(why.unit) : say.elsewhere_after(why.unit, why.after);
    case 'waits': return say.waits;
    case 'loses_unit': return say.loses_unit;
    case 'no_unit': return say.no_unit;
    case 'may_not_be_sent': return say.may_not_be_sent(unit(why.unit));
    case 'near_tie': return say.near_tie(Math.abs(why.by) / 1000);
    case 'position_was_old': return say.position_was_old(why.unit);
    case 'other_time': return say.other_time;
    case 'other_place': return say.other_place(why.unit, slotName(why.slot, speech));
    case 'place_filled': return say.place_filled(why.unit, slotName(why.slot, speech));
    case 'place_empty': return say.place_empty(slotName(why.slot, speech), sayNoUnit(why.reason, speech));
    case 'hospital_preferred': {
      const { taken, instead_of } = why;
      const name = speech.hospitalName(taken.hospital);
      if (!instead_of) return name;
      return say.hospital_preferred(name, speech.hospitalName(instead_of.hospital), against(instead_of.cons, speech));
    }
  }
}
