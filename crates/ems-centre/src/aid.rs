//! Mutual aid: what is asked of other centres and what they ask, with consent and an end.
//!
//! The host carries messages between centres ([`Centre::aid_letters`]); each is a command at the
//! other centre under a key of its own, so sending it twice is sending it once.

use std::collections::BTreeMap;

use ems_model::{
    Aid, AidAsk, AidEvent, AidId, AidOrder, AidReply, AidSide, AidWant, CentreName, Crew, Delivery,
    Event, IncidentId, LentUnit, Millis, Timestamp, TransitionError, Unit, UnitId, UnitState,
};

use crate::centre::{Centre, Wake};
use crate::checks::{check_ahead, check_reason, check_text, within};
use crate::decide::{Decided, all_at};
use crate::hours::Hours;
use crate::ledger::{Guest, Happening, Ledger, UnitRecord};
use crate::rejection::Rejection;

/// The longest loan.
const LOAN_MAX: Millis = Millis::from_mins(7 * 24 * 60);
/// Most units of one kind that are asked for.
const WANTED_MAX: i64 = 100;
/// Most units that are lent at a time.
const LENT_MAX: i64 = 200;

/// Aid by this centre's side in it, the other centre, and the number at the one that asks.
pub(crate) type AidKey = (AidSide, CentreName, AidId);
/// All aid of this centre.
pub(crate) type AidBook = BTreeMap<AidKey, Aid>;

/// A message that another centre should have.
#[derive(Debug, Clone, PartialEq)]
pub struct AidLetter {
    /// Which this centre is in the aid.
    pub side: AidSide,
    /// To whom.
    pub to: CentreName,
    /// Which aid.
    pub aid: AidId,
    /// Which request.
    pub round: u32,
    /// When this centre asked or was asked: tells it from one of a log that was lost.
    pub at: Timestamp,
    body: Body,
}

#[derive(Debug, Clone, PartialEq)]
enum Body {
    Ask(AidAsk),
    Reply(AidReply),
}

impl AidLetter {
    /// What the other centre is told, signed with this centre's name.
    pub fn order(&self, from: CentreName) -> AidOrder {
        let (aid, round) = (self.aid, self.round);
        match &self.body {
            Body::Ask(ask) => AidOrder::Receive { from, ask: ask.clone() },
            Body::Reply(reply) => AidOrder::TakeReply { from, aid, round, reply: reply.clone() },
        }
    }

    /// What this centre notes of it.
    pub fn note(&self, problem: Option<String>) -> AidOrder {
        let (side, with, aid, round) = (self.side, self.to.clone(), self.aid, self.round);
        AidOrder::NoteDelivery { side, with, aid, round, problem }
    }
}

impl Ledger {
    /// All aid between this centre and others.
    pub fn aid(&self) -> impl Iterator<Item = &Aid> {
        self.aid.values()
    }

    /// Takes what happened; what a lifecycle does not allow changes nothing.
    pub(crate) fn change_aid(
        &mut self,
        what: &AidEvent,
        at: Timestamp,
    ) -> Result<(), TransitionError> {
        match what {
            AidEvent::Asked { side, with, ask } => {
                if let Some(known) = self.aid.get_mut(&(*side, with.clone(), ask.aid)) {
                    return known.ask_again(ask.clone(), at);
                }
                let aid = Aid::asked(*side, with.clone(), ask.clone(), at);
                self.aid.insert((*side, with.clone(), ask.aid), aid);
                Ok(())
            }
            AidEvent::Answered { side, with, aid, round, reply } => {
                self.aid_mut(*side, with, *aid)?.answer(*round, reply.clone())
            }
            AidEvent::Delivered { side, with, aid, round, problem } => {
                self.aid_mut(*side, with, *aid)?.deliver(*round, problem.clone(), at)
            }
            AidEvent::UnitLent { to, aid, unit, until } => {
                self.aid_mut(AidSide::Lender, to, *aid)?.lend(unit.clone(), *until)?;
                self.change_lent(unit, |unit| unit.lend(at, *until))
            }
            AidEvent::GuestCame { from, aid, unit, lent, home, until } => {
                self.aid_mut(AidSide::Asker, from, *aid)?.lend(unit.clone(), *until)?;
                self.welcome(from, unit, lent, *home, *until, at);
                Ok(())
            }
            AidEvent::UnitReturned { side: AidSide::Lender, with, aid, unit } => {
                self.aid_mut(AidSide::Lender, with, *aid)?.give_back(unit)?;
                self.change_lent(unit, |unit| unit.take_back(at))
            }
            AidEvent::UnitReturned { side: AidSide::Asker, with, aid, unit } => {
                self.aid_mut(AidSide::Asker, with, *aid)?.give_back(unit)?;
                let guest = self.units.get_mut(unit).and_then(|record| record.guest.as_mut());
                if let Some(guest) = guest {
                    guest.is_due_back = true;
                }
                self.see_off(unit, at);
                Ok(())
            }
            AidEvent::Ended { side, with, aid } => self.aid_mut(*side, with, *aid)?.end(),
        }
    }

    /// A guest whose time is over goes home once it is free.
    pub(crate) fn see_off(&mut self, unit: &UnitId, at: Timestamp) {
        let Some(record) = self.units.get_mut(unit) else { return };
        let is_due = record.guest.as_ref().is_some_and(|guest| guest.is_due_back);
        if is_due && matches!(record.unit.state, UnitState::Available { .. }) {
            (record.unit.state, record.unit.since) = (UnitState::OffDuty, at);
        }
    }

    fn welcome(
        &mut self,
        from: &CentreName,
        id: &UnitId,
        lent: &LentUnit,
        home: ems_model::Position,
        until: Timestamp,
        at: Timestamp,
    ) {
        let guest = Some(Guest { lender: from.clone(), until, eta: lent.eta, is_due_back: false });
        let crew = Crew::sign_on(lent.crew.clone(), until);
        if let Some(known) = self.units.get_mut(id) {
            (known.guest, known.unit.crew) = (guest, crew);
            if known.unit.state == UnitState::OffDuty {
                (known.unit.state, known.unit.since) = (UnitState::Available { last: None }, at);
            }
            return;
        }
        let (kind, state) = (lent.kind, UnitState::Available { last: None });
        let unit =
            Unit { id: id.clone(), kind, home, station: None, post: None, crew, state, since: at };
        let hours = Hours::begin(at, None);
        let record = UnitRecord { unit, assigned_by: None, guest, posted: None, hours };
        self.units.insert(id.clone(), record);
    }

    fn aid_mut(
        &mut self,
        side: AidSide,
        with: &CentreName,
        aid: AidId,
    ) -> Result<&mut Aid, TransitionError> {
        self.aid.get_mut(&(side, with.clone(), aid)).ok_or_else(|| TransitionError {
            subject: "aid",
            id: format!("{aid} with {with}"),
            state: "unknown".into(),
            step: "change".into(),
            legal: "asked for first",
        })
    }

    fn change_lent(
        &mut self,
        id: &UnitId,
        change: impl FnOnce(Unit) -> Result<Unit, TransitionError>,
    ) -> Result<(), TransitionError> {
        let Some(record) = self.units.get_mut(id) else { return Ok(()) };
        record.unit = change(record.unit.clone())?;
        Ok(())
    }
}

impl Centre {
    pub(crate) fn order_aid(&self, now: Timestamp, order: &AidOrder) -> Decided {
        let events = match order {
            AidOrder::Ask { of, incident, wants, until, message } => {
                vec![self.ask_aid(now, of, *incident, wants, *until, message)?]
            }
            AidOrder::AskLonger { aid, until, message } => {
                vec![self.ask_longer(now, *aid, *until, message)?]
            }
            AidOrder::Receive { from, ask } => vec![received(now, from, ask)?],
            AidOrder::Answer { from, aid, round, units, reason } => {
                self.answer_aid(from, *aid, *round, units, reason.as_deref())?
            }
            AidOrder::TakeReply { from, aid, round, reply } => {
                self.take_reply(from, *aid, *round, reply)?
            }
            AidOrder::NoteDelivery { side, with, aid, round, problem } => {
                check_reason("problem", problem.as_deref())?;
                let (side, with, aid, round) = (*side, with.clone(), *aid, *round);
                let problem = problem.clone();
                vec![AidEvent::Delivered { side, with, aid, round, problem }]
            }
        };
        Ok(all_at(now, events.into_iter().map(|what| Event::Aid { what })))
    }

    /// Messages that other centres should have and have not yet.
    pub fn aid_letters(&self, now: Timestamp) -> Vec<AidLetter> {
        self.ledger.aid().filter_map(|aid| letter(now, aid)).collect()
    }

    /// When units are due back, or requests lapse.
    pub(crate) fn aid_ends(&self) -> impl Iterator<Item = (Timestamp, Wake)> {
        self.ledger.aid.iter().filter_map(|((side, with, aid), it)| {
            Some((it.ends_at()?, Wake::AidEnds(*side, with.clone(), *aid)))
        })
    }

    /// The units whose time is over go back, and with the last of them the aid ends.
    pub(crate) fn end_aid(&self, now: Timestamp, key: &AidKey) -> Vec<Happening> {
        let Some(it) = self.ledger.aid.get(key) else { return Vec::new() };
        let (side, with, aid) = key.clone();
        let due = it.units.iter().filter(|(_, until)| **until <= now);
        let mut events: Vec<_> = due
            .map(|(unit, _)| {
                let (with, unit) = (with.clone(), unit.clone());
                AidEvent::UnitReturned { side, with, aid, unit }
            })
            .collect();
        if events.len() == it.units.len() {
            events.push(AidEvent::Ended { side, with, aid });
        }
        all_at(now, events.into_iter().map(|what| Event::Aid { what }))
    }

    fn ask_aid(
        &self,
        now: Timestamp,
        of: &CentreName,
        incident: IncidentId,
        wants: &[AidWant],
        until: Timestamp,
        message: &str,
    ) -> Result<AidEvent, Rejection> {
        let record = self.incident_record(incident)?;
        let numbers = self.ledger.aid.keys().filter(|(side, ..)| *side == AidSide::Asker);
        let last = numbers.map(|(_, _, aid)| aid.0).max().unwrap_or(0);
        let ask = AidAsk {
            aid: AidId(last + 1),
            round: 0,
            incident,
            position: record.incident.call.position,
            wants: wants.to_vec(),
            until,
            message: message.to_owned(),
        };
        check_ask(now, &ask)?;
        Ok(AidEvent::Asked { side: AidSide::Asker, with: of.clone(), ask })
    }

    fn ask_longer(
        &self,
        now: Timestamp,
        aid: AidId,
        until: Timestamp,
        message: &str,
    ) -> Result<AidEvent, Rejection> {
        let found = self
            .ledger
            .aid
            .iter()
            .find(|((side, _, number), _)| *side == AidSide::Asker && *number == aid);
        let unknown = || Rejection::Unknown { subject: "aid", id: aid.to_string() };
        let known = found.map(|(_, known)| known).ok_or_else(unknown)?;
        let before = &known.latest().ask;
        let message = message.to_owned();
        let ask = AidAsk { round: before.round + 1, until, message, ..before.clone() };
        check_ask(now, &ask)?;
        Ok(AidEvent::Asked { side: AidSide::Asker, with: known.with.clone(), ask })
    }

    fn answer_aid(
        &self,
        from: &CentreName,
        aid: AidId,
        round: u32,
        units: &[UnitId],
        reason: Option<&str>,
    ) -> Result<Vec<AidEvent>, Rejection> {
        let side = AidSide::Lender;
        let known = self.aid_record(side, from, aid)?;
        let ask = &known.latest().ask;
        within("units", i64::try_from(units.len()).unwrap_or(i64::MAX), [0, LENT_MAX])?;
        check_reason("reason", reason)?;
        let reply = match (units, reason) {
            ([], None) => return Err(Rejection::Blank { field: "reason" }),
            ([], Some(reason)) => AidReply::Decline { reason: reason.to_owned() },
            (units, _) => {
                let units: Result<_, _> =
                    units.iter().map(|id| self.lent(known, ask, id)).collect();
                AidReply::Consent { units: units? }
            }
        };
        let with = from.clone();
        let mut events = vec![AidEvent::Answered { side, with, aid, round, reply }];
        events.extend(units.iter().map(|unit| AidEvent::UnitLent {
            to: from.clone(),
            aid,
            unit: unit.clone(),
            until: ask.until,
        }));
        Ok(events)
    }

    /// What is told of a unit that is lent; for more time, only one that is lent already.
    fn lent(&self, known: &Aid, ask: &AidAsk, id: &UnitId) -> Result<LentUnit, Rejection> {
        let unit = &self.unit_record(id)?.unit;
        let is_free = match ask.round {
            0 => matches!(unit.state, UnitState::Available { .. }),
            _ => known.units.contains_key(id),
        };
        let is_guest = self.ledger.units[id].guest.is_some();
        if !is_free || is_guest {
            return Err(Rejection::NotLent { unit: id.clone() });
        }
        let goal = self.snap(ask.position).ok();
        let place = self.whereabouts.place(id).copied();
        let drive = place.zip(goal).and_then(|(from, to)| self.traffic.roads().time(&from, &to));
        Ok(LentUnit {
            unit: id.clone(),
            kind: unit.kind,
            crew: unit.crew.id.clone(),
            position: self.fix(id).map_or(unit.home, |fix| fix.position),
            eta: drive.map(|drive| self.city.drive_times.expect(drive).time),
        })
    }

    fn take_reply(
        &self,
        from: &CentreName,
        aid: AidId,
        round: u32,
        reply: &AidReply,
    ) -> Result<Vec<AidEvent>, Rejection> {
        let side = AidSide::Asker;
        let ask = &self.aid_record(side, from, aid)?.latest().ask;
        let with = from.clone();
        let answered = AidEvent::Answered { side, with, aid, round, reply: reply.clone() };
        let mut events = vec![answered];
        match reply {
            AidReply::Decline { reason } => check_text("reason", reason)?,
            AidReply::Consent { units } => {
                within("units", i64::try_from(units.len()).unwrap_or(i64::MAX), [1, LENT_MAX])?;
                for lent in units {
                    events.push(self.guest(from, aid, ask, lent)?);
                }
            }
        }
        Ok(events)
    }

    fn guest(
        &self,
        from: &CentreName,
        aid: AidId,
        ask: &AidAsk,
        lent: &LentUnit,
    ) -> Result<AidEvent, Rejection> {
        let unit = UnitId::new(&format!("{from}.{}", lent.unit))?;
        let is_own = self.ledger.units.get(&unit).is_some_and(|known| known.guest.is_none());
        if is_own {
            return Err(Rejection::OnDuty { unit });
        }
        let is_on_map = self.snap(lent.position).is_ok();
        let home = if is_on_map { lent.position } else { ask.position };
        let (from, lent, until) = (from.clone(), lent.clone(), ask.until);
        Ok(AidEvent::GuestCame { from, aid, unit, lent, home, until })
    }

    fn aid_record(&self, side: AidSide, with: &CentreName, aid: AidId) -> Result<&Aid, Rejection> {
        let unknown = || Rejection::Unknown { subject: "aid", id: format!("{aid} with {with}") };
        self.ledger.aid.get(&(side, with.clone(), aid)).ok_or_else(unknown)
    }
}

fn received(now: Timestamp, from: &CentreName, ask: &AidAsk) -> Result<AidEvent, Rejection> {
    check_ask(now, ask)?;
    Ok(AidEvent::Asked { side: AidSide::Lender, with: from.clone(), ask: ask.clone() })
}

fn check_ask(now: Timestamp, ask: &AidAsk) -> Result<(), Rejection> {
    check_ahead("until", now, ask.until, LOAN_MAX)?;
    check_text("message", &ask.message)?;
    within("wants", i64::try_from(ask.wants.len()).unwrap_or(i64::MAX), [1, 3])?;
    ask.wants.iter().try_for_each(|want| within("n", want.n.into(), [1, WANTED_MAX]))
}

fn letter(now: Timestamp, aid: &Aid) -> Option<AidLetter> {
    let newest = aid.latest();
    let is_pending = newest.delivery == Delivery::Pending && newest.ask.until > now;
    if aid.is_over || !is_pending {
        return None;
    }
    let body = match aid.side {
        AidSide::Asker => Body::Ask(newest.ask.clone()),
        AidSide::Lender => Body::Reply(newest.reply.clone()?),
    };
    let (side, to) = (aid.side, aid.with.clone());
    let (round, at) = (newest.ask.round, newest.at);
    Some(AidLetter { side, to, aid: aid.aid, round, at, body })
}
