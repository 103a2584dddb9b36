//! Mutual aid: one centre asks another for units, which it lends for a time if its people consent.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    AidId, CentreName, CrewId, IncidentId, Millis, Position, Timestamp, TransitionError, UnitId,
    UnitKind,
};

/// How many units of one kind are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AidWant {
    /// Which kind.
    pub kind: UnitKind,
    /// How many, 1..=100.
    pub n: u32,
}

/// What one centre asks of another, as it goes between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AidAsk {
    /// Its number at the centre that asks.
    pub aid: AidId,
    /// 0 for the first request, one more for each that asks for more time.
    pub round: u32,
    /// The incident, by its number at the centre that asks.
    pub incident: IncidentId,
    /// Where units are to come.
    pub position: Position,
    /// Which units.
    pub wants: Vec<AidWant>,
    /// Until when: then they are their own centre's again.
    pub until: Timestamp,
    /// What people there should know.
    pub message: String,
}

/// A unit as the centre that lends it tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LentUnit {
    /// Its call sign there.
    pub unit: UnitId,
    /// What it can do.
    pub kind: UnitKind,
    /// Who is on board.
    pub crew: CrewId,
    /// Where it was.
    pub position: Position,
    /// The drive to where it is asked for; `None` where the lender's map does not reach so far.
    pub eta: Option<Millis>,
}

/// What the other centre's people answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum AidReply {
    /// These units, all or some of those asked for; 1 or more.
    Consent {
        /// Which.
        units: Vec<LentUnit>,
    },
    /// None.
    Decline {
        /// Why.
        reason: String,
    },
}

/// Which of the two centres this one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AidSide {
    /// It asked.
    Asker,
    /// It was asked.
    Lender,
}

/// What is asked for about mutual aid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AidOrder {
    /// A dispatcher asks another centre for units.
    Ask {
        /// Which centre.
        of: CentreName,
        /// For which incident.
        incident: IncidentId,
        /// Which units; 1..=3 kinds.
        wants: Vec<AidWant>,
        /// Until when.
        until: Timestamp,
        /// What people there should know.
        message: String,
    },
    /// A dispatcher asks to keep the units for longer, which needs consent anew.
    AskLonger {
        /// Which aid.
        aid: AidId,
        /// Until when.
        until: Timestamp,
        /// Why.
        message: String,
    },
    /// Another centre asks; sent by its host.
    Receive {
        /// Which centre.
        from: CentreName,
        /// What.
        ask: AidAsk,
    },
    /// A dispatcher answers another centre.
    Answer {
        /// Which centre.
        from: CentreName,
        /// Its number there.
        aid: AidId,
        /// Which of its requests.
        round: u32,
        /// The units that are lent; none to decline.
        units: Vec<UnitId>,
        /// Why none; needed to decline.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Another centre has answered; sent by its host.
    TakeReply {
        /// Which centre.
        from: CentreName,
        /// The number here.
        aid: AidId,
        /// Which request.
        round: u32,
        /// What it says.
        reply: AidReply,
    },
    /// The host says how a message to another centre fared.
    NoteDelivery {
        /// Which this centre is in it.
        side: AidSide,
        /// To which centre.
        with: CentreName,
        /// The number at the asking centre.
        aid: AidId,
        /// Which request.
        round: u32,
        /// Why it will never be delivered; `None` where it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
}

/// What happened about mutual aid. `aid` is the number at the centre that asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AidEvent {
    /// This centre asked, or was asked.
    Asked {
        /// Which it is.
        side: AidSide,
        /// The other centre.
        with: CentreName,
        /// What was asked.
        ask: AidAsk,
    },
    /// The one that was asked answered.
    Answered {
        /// Which this centre is.
        side: AidSide,
        /// The other centre.
        with: CentreName,
        /// Which aid.
        aid: AidId,
        /// Which request.
        round: u32,
        /// The answer.
        reply: AidReply,
    },
    /// A message reached the other centre, or never will.
    Delivered {
        /// Which this centre is.
        side: AidSide,
        /// The other centre.
        with: CentreName,
        /// Which aid.
        aid: AidId,
        /// Which request.
        round: u32,
        /// Why it will never.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
    /// A unit of this centre is lent, or for longer.
    UnitLent {
        /// To which centre.
        to: CentreName,
        /// In which aid.
        aid: AidId,
        /// Which unit.
        unit: UnitId,
        /// Until when.
        until: Timestamp,
    },
    /// A unit of another centre can be sent, or for longer.
    GuestCame {
        /// From which centre.
        from: CentreName,
        /// In which aid.
        aid: AidId,
        /// Its call sign here: the lender's name, a dot, and its own.
        unit: UnitId,
        /// What the lender told.
        lent: LentUnit,
        /// Where it is taken to be until it reports a position.
        home: Position,
        /// Until when.
        until: Timestamp,
    },
    /// The time of a unit is over: it is its own centre's again.
    UnitReturned {
        /// Which this centre is.
        side: AidSide,
        /// The other centre.
        with: CentreName,
        /// In which aid.
        aid: AidId,
        /// Which unit, by its call sign here.
        unit: UnitId,
    },
    /// The time is over.
    Ended {
        /// Which this centre is.
        side: AidSide,
        /// The other centre.
        with: CentreName,
        /// Which aid.
        aid: AidId,
    },
}

impl AidEvent {
    /// The unit that the event is about, if it is about one.
    pub fn unit(&self) -> Option<&UnitId> {
        match self {
            Self::UnitLent { unit, .. }
            | Self::GuestCame { unit, .. }
            | Self::UnitReturned { unit, .. } => Some(unit),
            _ => None,
        }
    }

    /// What the event is called in the log: `aid_asked`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Asked { .. } => "aid_asked",
            Self::Answered { .. } => "aid_answered",
            Self::Delivered { .. } => "aid_delivered",
            Self::UnitLent { .. } => "unit_lent",
            Self::GuestCame { .. } => "guest_came",
            Self::UnitReturned { .. } => "unit_returned",
            Self::Ended { .. } => "aid_ended",
        }
    }
}

/// Whether this centre's message of a round is where it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Delivery {
    /// Not yet: it is sent again and again.
    Pending,
    /// The other centre has it.
    Done {
        /// Since when.
        at: Timestamp,
    },
    /// It never will be.
    Failed {
        /// Why.
        problem: String,
    },
}

/// One request with its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AidRound {
    /// What was asked.
    pub ask: AidAsk,
    /// When.
    pub at: Timestamp,
    /// The answer, once there is one.
    pub reply: Option<AidReply>,
    /// How this centre's own message fares: the request where it asked, else the answer.
    pub delivery: Delivery,
}

/// Aid between this centre and another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Aid {
    /// Which this centre is in it.
    pub side: AidSide,
    /// The other centre.
    pub with: CentreName,
    /// The number at the centre that asked.
    pub aid: AidId,
    /// Requests in turn; never empty.
    pub rounds: Vec<AidRound>,
    /// Units on loan by their call sign here, and until when.
    pub units: BTreeMap<UnitId, Timestamp>,
    /// Whether its time is over.
    pub is_over: bool,
}

type Stepped = Result<(), TransitionError>;

impl Aid {
    /// Aid that was just asked for.
    pub fn asked(side: AidSide, with: CentreName, ask: AidAsk, at: Timestamp) -> Self {
        let aid = ask.aid;
        let rounds = vec![AidRound::new(ask, at)];
        Self { side, with, aid, rounds, units: BTreeMap::new(), is_over: false }
    }

    /// The newest request.
    ///
    /// # Panics
    /// Never: aid begins with one.
    pub fn latest(&self) -> &AidRound {
        self.rounds.last().expect("aid begins with a request")
    }

    /// Asks for more time; the request before must have been granted.
    pub fn ask_again(&mut self, ask: AidAsk, at: Timestamp) -> Stepped {
        if self.is_over || self.units.is_empty() || self.latest().reply.is_none() {
            return Err(self.illegal("be asked for longer", "consented, with units on loan"));
        }
        if u64::from(ask.round) != self.rounds.len() as u64 {
            return Err(self.illegal("be asked so", "asked round after round"));
        }
        self.rounds.push(AidRound::new(ask, at));
        Ok(())
    }

    /// Answers the newest request, once and before its time is over.
    pub fn answer(&mut self, round: u32, reply: AidReply) -> Stepped {
        let is_newest = u64::from(round) + 1 == self.rounds.len() as u64;
        if self.is_over || !is_newest || self.latest().reply.is_some() {
            return Err(self.illegal("be answered", "asked, not yet answered and not over"));
        }
        let newest = self.rounds.last_mut().expect("aid begins with a request");
        newest.reply = Some(reply);
        Ok(())
    }

    /// Notes how the message of a round fared.
    pub fn deliver(&mut self, round: u32, problem: Option<String>, at: Timestamp) -> Stepped {
        let illegal = self.illegal("be delivered", "asked in that round");
        let found = usize::try_from(round).ok().and_then(|idx| self.rounds.get_mut(idx));
        let round = found.ok_or(illegal)?;
        round.delivery =
            problem.map_or(Delivery::Done { at }, |problem| Delivery::Failed { problem });
        Ok(())
    }

    /// Lends a unit, or for longer; only what was consented to.
    pub fn lend(&mut self, unit: UnitId, until: Timestamp) -> Stepped {
        if self.is_over || !matches!(self.latest().reply, Some(AidReply::Consent { .. })) {
            return Err(self.illegal("lend a unit", "consented to"));
        }
        self.units.insert(unit, until);
        Ok(())
    }

    /// Gives a unit back.
    pub fn give_back(&mut self, unit: &UnitId) -> Stepped {
        match self.units.remove(unit) {
            Some(_) => Ok(()),
            None => Err(self.illegal("give that unit back", "lending it")),
        }
    }

    /// Its time is over.
    pub fn end(&mut self) -> Stepped {
        if self.is_over || !self.units.is_empty() {
            return Err(self.illegal("end", "open, every unit given back"));
        }
        self.is_over = true;
        Ok(())
    }

    /// When the next unit is due back, or an unanswered or declined request lapses.
    pub fn ends_at(&self) -> Option<Timestamp> {
        if self.is_over {
            return None;
        }
        self.units.values().min().copied().or(Some(self.latest().ask.until))
    }

    fn illegal(&self, step: &str, legal: &'static str) -> TransitionError {
        TransitionError::new("aid", &self.aid, self, step, legal)
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.latest().reply {
            _ if self.is_over => f.write_str("over"),
            None => f.write_str("asked"),
            Some(AidReply::Consent { .. }) => write!(f, "granted with {} units", self.units.len()),
            Some(AidReply::Decline { .. }) => f.write_str("declined"),
        }
    }
}

impl AidRound {
    fn new(ask: AidAsk, at: Timestamp) -> Self {
        Self { ask, at, reply: None, delivery: Delivery::Pending }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(round: u32, until: i64) -> AidAsk {
        AidAsk {
            aid: AidId(3),
            round,
            incident: IncidentId(1),
            position: Position::from_degrees(35.9, 14.5).unwrap(),
            wants: vec![AidWant { kind: UnitKind::Als, n: 2 }],
            until: Timestamp::from_millis(until),
            message: "bus crash".into(),
        }
    }

    fn asked() -> Aid {
        let with = CentreName::new("Gozo").unwrap();
        Aid::asked(AidSide::Asker, with, ask(0, 100), Timestamp::default())
    }

    #[test]
    fn nothing_is_lent_without_consent_and_nothing_for_longer_without_new_consent() {
        let unit = || UnitId::new("A1").unwrap();
        let (until, later) = (Timestamp::from_millis(100), Timestamp::from_millis(200));
        let consent = || AidReply::Consent { units: Vec::new() };
        let mut aid = asked();
        assert!(aid.lend(unit(), until).is_err(), "nobody has consented");
        assert!(aid.ask_again(ask(1, 200), until).is_err(), "there is nothing to keep");
        aid.answer(0, consent()).unwrap();
        assert!(aid.answer(0, consent()).is_err(), "answered once");
        aid.lend(unit(), until).unwrap();
        assert!(aid.end().is_err(), "a unit is out");
        assert!(aid.ask_again(ask(2, 200), until).is_err(), "round 1 comes first");
        aid.ask_again(ask(1, 200), until).unwrap();
        assert!(aid.lend(unit(), later).is_err(), "the new request is not granted");
        assert_eq!(aid.ends_at(), Some(until));
        aid.answer(1, consent()).unwrap();
        aid.lend(unit(), later).unwrap();
        assert_eq!(aid.ends_at(), Some(later));
        aid.give_back(&unit()).unwrap();
        aid.end().unwrap();
        assert_eq!((aid.ends_at(), aid.answer(1, consent()).is_err()), (None, true));
    }

    #[test]
    fn declined_aid_lends_nothing_and_lapses() {
        let mut aid = asked();
        aid.answer(0, AidReply::Decline { reason: "none free".into() }).unwrap();
        assert!(aid.lend(UnitId::new("A1").unwrap(), Timestamp::from_millis(9)).is_err());
        assert_eq!(aid.ends_at(), Some(Timestamp::from_millis(100)));
        aid.end().unwrap();
    }
}
