import type { MajorEvent, PlaceReason } from '../api/major';
import type { EventSpeech } from './events';

export function sayMajor(what: MajorEvent, { t, hospitalName }: EventSpeech): string {
  const say = t.major.event;
  switch (what.type) {
    case 'declared': return say.declared;
    case 'reported': return say.reported;
    case 'unit_staged': return say.unit_staged(what.unit, what.area);
    case 'unit_called_forward': return say.unit_called_forward(what.unit);
    case 'casualty_tagged': {
      const { tag, by_tree: byTree, overrule } = what.finding;
      return overrule === undefined
        ? say.casualty_tagged(what.casualty, t.major.tag[tag])
        : say.casualty_tagged_other(what.casualty, t.major.tag[tag], t.major.tag[byTree], overrule);
    }
    case 'casualty_allotted':
      return what.overrule === undefined
        ? say.casualty_allotted(what.casualty, hospitalName(what.hospital))
        : say.casualty_allotted_other(what.casualty, hospitalName(what.hospital), what.overrule);
    case 'casualty_loaded': return say.casualty_loaded(what.casualty, what.unit);
    case 'casualty_unloaded': return say.casualty_unloaded(what.casualty, what.unit, what.reason);
    case 'casualty_brought': return say.casualty_brought(what.casualty, hospitalName(what.hospital), what.unit);
    case 'casualty_ended': return say.casualty_ended(what.casualty, t.major.how[what.how]);
    case 'stood_down': return say.stood_down;
  }
}

export function sayPlaceReason(reason: PlaceReason, t: EventSpeech['t']): string {
  const say = t.major.reason;
  switch (reason.reason) {
    case 'has_capability': return say.has_capability(t.capability[reason.capability]);
    case 'lacks_capability': return say.lacks_capability(t.capability[reason.capability]);
    case 'places_told': return say.places_told(reason.n_left);
    case 'beds_free': return say.beds_free(reason.n_left);
    case 'diverting': return say.diverting(reason.why);
    default: return say[reason.reason];
  }
}

/** What is not as one would wish: shown without being asked for. */
export function isAgainst({ reason }: PlaceReason): boolean {
  return reason !== 'has_capability' && reason !== 'places_told' && reason !== 'beds_free';
}
