import type { AidEvent } from '../api/aid';
import { clockShort } from '../time/format';
import type { EventSpeech } from './events';

export function sayAid(what: AidEvent, { t, clock = clockShort }: EventSpeech): string {
  const say = t.aid.event;
  switch (what.type) {
    case 'asked': return what.side === 'asker' ? say.asked(what.with) : say.asked_by(what.with);
    case 'answered':
      return what.reply.answer === 'consent'
        ? say.consented(what.with, what.reply.units.length)
        : say.declined(what.with, what.reply.reason);
    case 'delivered': return what.problem === undefined ? say.delivered(what.with) : say.failed(what.with, what.problem);
    case 'unit_lent': return say.unit_lent(what.unit, what.to, clock(what.until));
    case 'guest_came': return say.guest_came(what.unit, clock(what.until));
    case 'unit_returned': return say.unit_returned(what.unit);
    case 'ended': return say.ended(what.with);
  }
}
