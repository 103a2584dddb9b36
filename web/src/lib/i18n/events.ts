import { sayCamera } from './keeping';
import type { Event, Recorded } from '../api/events';
import type { ReceptionAnswer } from '../api/model';
import { clockShort, span } from '../time/format';
import { sayFindings, type FindingsSpeech } from './findings';
import { sayAid } from './aid-events';
import { sayMajor } from './major-events';
import { sayEtaCause, sayPostReason, sayRemoteCare } from './reasons';

/** The names that a line of the timeline needs. */
export interface EventSpeech extends FindingsSpeech {
  hospitalName(id: string): string;
  complaintName(id: string): string;
  taskName(what: string): string;
  taskOf(id: number): string | null;
}

/** Who did something: `dispatcher:li`, `unit:A103`, `hospital:n1`, `centre`. */
export function sayActor(actor: string, { t, hospitalName }: Pick<EventSpeech, 't' | 'hospitalName'>): string {
  const [role = '', ...rest] = actor.split(':');
  const name = rest.join(':');
  switch (role) {
    case 'unit': return name;
    case 'hospital': return hospitalName(name);
    case 'dispatcher': return t.actor.dispatcher(name);
    case 'expert': return t.actor.expert(name);
    case 'centre': return t.actor.centre;
    default: return actor;
  }
}

function sayAnswer(name: string, answer: ReceptionAnswer, say: EventSpeech['t']['event']): string {
  switch (answer.answer) {
    case 'acknowledge': return say.reception_acknowledged(name);
    case 'accept': return say.reception_accepted(name);
    case 'divert': return say.reception_diverted(name, answer.reason);
  }
}

export function sayEvent({ event }: Pick<Recorded, 'event'>, speech: EventSpeech): string {
  const { t } = speech;
  const say = t.event;
  const time = speech.clock ?? clockShort;
  const hospital = 'hospital' in event ? speech.hospitalName(event.hospital) : '';
  switch (event.type) {
    case 'unit_signed_on': return say.unit_signed_on(event.unit, t.unit_kind[event.kind]);
    case 'unit_signed_off': return say.unit_signed_off(event.unit);
    case 'crew_rested': return say.crew_rested(event.unit, time(event.until));
    case 'crew_rest_ended': return say.crew_rest_ended(event.unit);
    case 'call_received':
      return say.call_received(speech.complaintName(event.call.complaint), event.suggested.code);
    case 'incident_triaged':
      return event.reason === null
        ? say.incident_triaged(event.priority.code)
        : say.incident_triaged_other(event.priority.code, event.suggested.code, event.reason);
    case 'unit_assigned': {
      const fills = event.choice.chosen.pros.find((pro) => pro.reason === 'fills');
      if (fills && event.choice.overrule === null)
        return say.unit_assigned_for(event.unit, speech.slotName?.(fills.slot) ?? fills.slot);
      return event.choice.overrule === null
        ? say.unit_assigned(event.unit, event.choice.policy)
        : say.unit_assigned_other(event.unit, event.choice.rank, event.choice.overrule);
    }
    case 'unit_stepped': return say.unit_stepped(event.unit, t.step[event.step]);
    case 'eta_revised': {
      const [leg, eta, cause] = [t.leg[event.leg], time(event.eta), sayEtaCause(event.cause, speech)];
      return event.likely
        ? say.eta_revised_likely(event.unit, leg, eta, event.likely.map((at) => time(at)).join('–'), cause)
        : say.eta_revised(event.unit, leg, eta, cause);
    }
    case 'hospital_chosen':
      return event.choice.overrule === null
        ? say.hospital_chosen(hospital)
        : say.hospital_chosen_other(hospital, event.choice.rank, event.choice.overrule);
    case 'reception_requested':
      return say.reception_requested(hospital, event.tasks.length, time(event.eta));
    case 'reception_answered': return sayAnswer(hospital, event.answer, say);
    case 'reception_withdrawn': return say.reception_withdrawn(hospital, event.reason);
    case 'tasks_moved':
      return say.tasks_moved(
        event.tasks.length, time(event.from), time(event.to), sayEtaCause(event.cause, speech),
      );
    case 'task_stepped': return sayTask(event, hospital, speech);
    case 'crowding_reported':
      return say.crowding_reported(hospital, event.crowding.occupied, event.crowding.beds);
    case 'doors_changed':
      return event.doors.state === 'open'
        ? say.doors_opened(hospital)
        : say.doors_diverting(hospital, event.doors.reason);
    case 'remote_care_proposed': return say.remote_care_proposed(sayRemoteCare(event.reason, speech));
    case 'remote_care_answered':
      return event.is_accepted
        ? say.remote_care_accepted(event.expert)
        : say.remote_care_declined(event.expert);
    case 'alarm_reported':
      return event.alarm.is_active
        ? say.alarm_started(t.alarm[event.alarm.kind], t.alarm_priority[event.alarm.priority])
        : say.alarm_ended(t.alarm[event.alarm.kind]);
    case 'alarm_acknowledged':
      return say.alarm_acknowledged(t.alarm[event.kind]);
    case 'incident_closed': return say.incident_closed(t.outcome[event.outcome]);
    case 'incident_cancelled': return say.incident_cancelled(event.reason);
    case 'findings_recorded':
      return say.findings_recorded(event.unit, t.findings.kind[event.findings.kind], sayFindings(event.findings, speech));
    case 'major_incident': return sayMajor(event.what, speech);
    case 'aid': return sayAid(event.what, speech);
    case 'surge_declared': return t.major.event.surge_declared(hospital, event.surge.places.join(' / '));
    case 'response_trimmed':
      return say.response_trimmed(event.unit, event.slots.map((slot) => speech.slotName?.(slot) ?? slot).join(', '));
    case 'unit_diverted': return say.unit_diverted(event.unit, event.to);
    case 'policy_switched': return say.policy_switched(event.to, event.from, event.reason);
    case 'range_reported': return say.range_reported(event.unit, event.km);
    case 'exchange_proposed':
      return say.exchange_proposed(event.unit, event.instead_of, span(event.then), span(event.now));
    case 'camera_recorded':
      return say.camera_recorded(event.unit, sayCamera(event.finding, t));
    case 'unit_posted': {
      const why = event.reasons.map((reason) => sayPostReason(reason, speech)).join(', ');
      const station = speech.stationName(event.station);
      return event.overrule === null
        ? say.unit_posted(event.unit, station, why)
        : say.unit_posted_other(event.unit, station, event.overrule, why);
    }
  }
}

function sayTask(
  event: Extract<Event, { type: 'task_stepped' }>,
  hospital: string,
  speech: EventSpeech,
): string {
  const what = speech.taskOf(event.task);
  const task = what === null ? speech.t.event.task_number(event.task) : speech.taskName(what);
  return event.step === 'acknowledge'
    ? speech.t.event.task_acknowledged(hospital, task)
    : speech.t.event.task_finished(hospital, task);
}
