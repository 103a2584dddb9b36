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
  pros: string[];
  cons: string[];
}

export function unitCandidate(weighed: UnitCandidate, speech: Speech): Candidate {
  return {
    id: weighed.unit,
    name: weighed.unit,
    tag: speech.t.unit_kind[weighed.kind],
    time: weighed.eta === null ? '–' : spanWithin(weighed.eta, weighed.likely),
    canBeChosen: weighed.is_eligible,
    pros: weighed.pros.map((reason) => sayUnitReason(reason, speech)),
    cons: weighed.cons.map((reason) => sayUnitReason(reason, speech)),
  };
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
