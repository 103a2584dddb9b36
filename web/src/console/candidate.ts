import type { HospitalCandidate, UnitCandidate } from '../lib/api/model';
import { sayHospitalReason, sayUnitReason, type Speech } from '../lib/i18n/reasons';
import { spanWithin } from '../lib/time/format';

/** One line of a ranking, in the reader's language. */
export interface Candidate {
  id: string;
  name: string;
  tag: string;
  time: string;
  canBeChosen: boolean;
  /** What choosing it is called, where it is not what choosing others is. */
  action?: string;
  pros: string[];
  cons: string[];
}

export function unitCandidate(weighed: UnitCandidate, speech: Speech): Candidate {
  return {
    id: weighed.unit,
    name: weighed.unit,
    tag: speech.t.unit_kind[weighed.kind],
    time: weighed.eta === null ? '–' : spanWithin(weighed.eta, weighed.likely),
    ...(lostBy(weighed) === null ? {} : { action: speech.t.dispatch.divert }),
    canBeChosen: weighed.is_eligible,
    pros: weighed.pros.map((reason) => sayUnitReason(reason, speech)),
    cons: weighed.cons.map((reason) => sayUnitReason(reason, speech)),
  };
}

/** The call from which a unit would be taken; `null` for a free one. */
export function lostBy(weighed: UnitCandidate | undefined): number | null {
  for (const con of weighed?.cons ?? []) if (con.reason === 'diverted_from') return con.incident;
  return null;
}

export function hospitalCandidate(
  weighed: HospitalCandidate,
  speech: Speech & { hospitalName(id: string): string },
): Candidate {
  const isClosed = weighed.cons.some(({ reason }) => ['diverting', 'refused', 'unreachable'].includes(reason));
  return {
    id: weighed.hospital,
    name: speech.hospitalName(weighed.hospital),
    tag: '',
    time: weighed.drive === null ? '–' : spanWithin(weighed.drive, weighed.likely),
    canBeChosen: !isClosed && weighed.drive !== null,
    pros: weighed.pros.map((reason) => sayHospitalReason(reason, speech)),
    cons: weighed.cons.map((reason) => sayHospitalReason(reason, speech)),
  };
}
