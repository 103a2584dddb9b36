import type {
  EtaCause, HospitalCapability, HospitalReason, Micros, NoUnit, PostReason, RemoteCareReason,
  UnitReason,
} from '../api/model';
import { clockShort, span } from '../time/format';
import { inMins, sayTreatment } from './findings';
import type { Texts } from './en';

/** What a sentence needs beside its reason: the language and the names of things. */
export interface Speech {
  t: Texts;
  stationName(id: string): string;
  clock?(at: Micros): string;
  /** A place of a run card. */
  slotName?(id: string): string;
}

const secs = (ms: number) => Math.round(ms / 1000);

export function sayUnitReason(reason: UnitReason, speech: Speech): string {
  const { t } = speech;
  const say = t.unit_reason;
  const time = speech.clock ?? clockShort;
  switch (reason.reason) {
    case 'nearest': return say.nearest;
    case 'within_target': return say.within_target(span(reason.eta), span(reason.target));
    case 'right_capability': return say.right_capability(t.unit_kind[reason.has]);
    case 'too_far': return say.too_far(span(reason.eta), span(reason.target));
    case 'may_be_late': return say.may_be_late(span(reason.last), span(reason.target));
    case 'wrong_capability':
      return say.wrong_capability(t.unit_kind[reason.has], t.unit_kind[reason.needs]);
    case 'more_than_needed':
      return say.more_than_needed(t.unit_kind[reason.has], t.unit_kind[reason.needs]);
    case 'stale_position': return say.stale_position(secs(reason.age), secs(reason.limit));
    case 'no_position': return say.no_position;
    case 'crew_rest': return say.crew_rest(time(reason.until));
    case 'shift_ends': return say.shift_ends(time(reason.at));
    case 'would_uncover_area': {
      const station = speech.stationName(reason.station);
      return reason.next_cover === null
        ? say.would_uncover_area_alone(station)
        : say.would_uncover_area(station, span(reason.next_cover));
    }
    case 'busy': return say.busy(reason.incident);
    case 'off_duty': return say.off_duty;
    case 'lent': return t.aid.reason_lent(time(reason.until));
    case 'unreachable': return say.unreachable;
    case 'diverted_from': return say.diverted_from(reason.incident, reason.rank);
    case 'cover_lost': return say.cover_lost(percent(reason.share_ppm));
    case 'harm': return say.harm[reason.measure](thousandths(reason.milli));
    case 'call_loses':
      return reason.then === null
        ? say.call_loses_alone(reason.incident, span(reason.now))
        : say.call_loses(reason.incident, span(reason.now), span(reason.then));
    case 'look_ahead':
      return say.look_ahead(
        reason.n_futures, thousandths(reason.late_milli), thousandths(reason.fewer_milli), thousandths(reason.error_milli),
      );
    case 'fills': return say.fills(speech.slotName?.(reason.slot) ?? reason.slot);
    case 'cannot_transport': return say.cannot_transport;
    case 'not_on_run_card': return say.not_on_run_card;
    case 'out_of_range': return say.out_of_range(reason.metres, reason.limit);
    case 'wind_unknown': return say.wind_unknown(reason.limit);
    case 'meal_due': return say.meal_due(time(reason.closes));
    case 'range_low': return say.range_low(reason.left_km, reason.reserve_km);
  }
}

/** Why nobody takes a place of a run card. */
export function sayNoUnit(why: NoUnit, speech: Speech): string {
  const say = speech.t.response;
  switch (why.why) {
    case 'not_needed': return say.not_needed_by(why.by);
    case 'no_such_unit': return say.no_such_unit;
    case 'not_free': return say.not_free(why.unit, sayUnitReason(why.reason, speech));
    case 'taken_by_others': return say.taken_by_others;
    case 'too_late': return say.too_late(why.unit, span(why.eta), span(why.limit));
    case 'not_worth': return say.not_worth(why.unit);
  }
}

const thousandths = (milli: number) => (milli / 1000).toFixed(3);

/** Millionths as percent with a decimal. */
const percent = (ppm: number) => (ppm / 10_000).toFixed(1);

export function sayPostReason(reason: PostReason, speech: Speech): string {
  const say = speech.t.post_reason;
  const time = speech.clock ?? clockShort;
  switch (reason.reason) {
    case 'cover_gained': return say.cover_gained(percent(reason.share_ppm));
    case 'home': return say.home;
    case 'crew_rest': return say.crew_rest(time(reason.until));
    case 'shift_ends': return say.shift_ends(time(reason.at));
    case 'better_at': {
      const station = speech.stationName(reason.station);
      return reason.share_ppm === null
        ? say.better_at(station)
        : say.better_at_by(station, percent(reason.share_ppm));
    }
    case 'table_wants': return say.table_wants(reason.n_free);
    case 'list_wants': return say.list_wants;
    case 'stays': return say.stays;
    case 'move_gains': return say.move_gains(percent(reason.share_ppm));
    case 'standard_gains': return say.standard_gains;
    case 'moved': return say.moved(span(reason.drive));
    case 'range_low': return say.range_low(reason.left_km, reason.reserve_km);
    case 'meal_due': return say.meal_due(time(reason.closes));
  }
}

export function sayHospitalReason(
  reason: HospitalReason,
  speech: Speech & { hospitalName(id: string): string },
): string {
  const { t } = speech;
  const say = t.hospital_reason;
  switch (reason.reason) {
    case 'nearest': return say.nearest;
    case 'has_capability': return say.has_capability(t.capability[reason.capability]);
    case 'lacks_capability': return say.lacks_capability(t.capability[reason.capability]);
    case 'too_far': return say.too_far(span(reason.drive), span(reason.window));
    case 'may_be_too_far': return say.may_be_too_far(span(reason.last), span(reason.window));
    case 'crowded': return say.crowded(reason.percent, reason.limit);
    case 'overcrowded': return say.overcrowded(reason.nedocs, reason.limit);
    case 'crowding_unknown': return say.crowding_unknown;
    case 'diverting': return say.diverting(reason.why);
    case 'refused': return say.refused(reason.why);
    case 'unreachable': return say.unreachable;
    case 'stroke_outlook':
    case 'stroke_times':
    case 'reperfusion': return sayTreatment(reason, speech);
    case 'has_preferred': return say.has_preferred(t.capability[reason.capability]);
    case 'lacks_preferred': return say.lacks_preferred(t.capability[reason.capability]);
    case 'many_expected': return say.many_expected(reason.n, inMins(reason.within), reason.limit);
  }
}

export function sayCapabilities(needs: HospitalCapability[], t: Texts): string {
  return needs.map((need) => t.capability[need]).join(t.language.self === '中文' ? '、' : ', ');
}

export function sayRemoteCare(reason: RemoteCareReason, { t }: Speech): string {
  const say = t.remote_care_reason;
  const needs = sayCapabilities(reason.needs, t);
  return reason.nearest === null
    ? say.no_suitable_hospital_at_all(needs, span(reason.window))
    : say.no_suitable_hospital(needs, span(reason.window), span(reason.nearest));
}

export function sayEtaCause(cause: EtaCause, { t }: Speech): string {
  const say = t.eta_cause;
  switch (cause.cause) {
    case 'planned': return say.planned;
    case 'position_reported': return say.position_reported;
    case 'traffic_changed': return say.traffic_changed;
    case 'step_taken': return say.step_taken(t.step[cause.step]);
    case 'scene_time_overrun': return say.scene_time_overrun(span(cause.on_scene));
  }
}
