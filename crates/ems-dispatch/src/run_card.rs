//! Run cards: which units a call gets.

use std::collections::BTreeMap;

use ems_model::{Millis, Need, UNITS_PER_INCIDENT_MAX, UnitKind};
use serde::Deserialize;

use crate::card::{Card, UNKNOWN};
use crate::error::list;
use crate::pathway::{Pathway, PathwayId};
use crate::scheme::N_URGENCIES;
use crate::text::{
    Source, Text, check_id, check_name, check_texts, check_unique, maybe_secs, secs,
};
use crate::triage::Suggestion;

/// All run cards of a service, narrow ones first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCards {
    /// Their name with its version: `run-cards/1`.
    pub name: String,
    /// Each later kind of a slot counts as if it were this much farther.
    #[serde(rename = "later_kind_s", deserialize_with = "secs")]
    pub later_kind: Millis,
    /// A unit that takes no patient counts as this much farther where one unit is chosen alone.
    #[serde(rename = "cannot_transport_s", deserialize_with = "secs")]
    pub cannot_transport: Millis,
    /// What leaving a wished slot empty costs.
    #[serde(rename = "unfilled_s", deserialize_with = "secs")]
    pub unfilled: Millis,
    /// The cards; the first whose conditions all hold is a call's.
    pub cards: Vec<RunCard>,
    /// Where they come from.
    pub sources: Vec<Source>,
}

/// The units that calls of one sort get.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCard {
    /// Its name: `cardiac-arrest`.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// Complaints that it is for; empty for all.
    #[serde(default)]
    pub complaints: Vec<String>,
    /// Pathways that it is for; empty for all.
    #[serde(default)]
    pub pathways: Vec<PathwayId>,
    /// What the complaint needs of a unit; empty for anything.
    #[serde(default)]
    pub needs: Vec<UnitKind>,
    /// The least urgency that it is for, 1..=4; `None` for any.
    pub urgency_max: Option<u8>,
    /// Question to the answers that it takes.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
    /// Whether the first crew's arrival counts before all costs.
    #[serde(rename = "first_hands", default)]
    pub is_first_hands: bool,
    /// The places, one unit each.
    pub slots: Vec<Slot>,
}

/// A place of a run card.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its name on the card: `als`.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// The kinds that may take it, best first.
    pub kinds: Vec<UnitKind>,
    /// Whether it must be taken.
    pub need: Need,
    /// How long after the first crew a unit still helps there; `None` for any time.
    #[serde(rename = "within_s", default, deserialize_with = "maybe_secs")]
    pub within: Option<Millis>,
}

/// What a run card is chosen by.
#[derive(Debug, Clone, Copy)]
pub struct RunQuery<'a> {
    /// The complaint.
    pub complaint: &'a str,
    /// Question to answer.
    pub answers: &'a BTreeMap<String, String>,
    /// The urgency of the priority in force, 1..=4.
    pub urgency: u8,
    /// What the complaint's card suggests.
    pub suggestion: &'a Suggestion,
}

impl RunCards {
    /// The card of a call. Cost: one pass over the cards.
    pub(crate) fn card_for(&self, query: RunQuery<'_>) -> &RunCard {
        let card = self.cards.iter().find(|card| card.is_for(query));
        card.expect("the check has found that the last card is for every call")
    }

    /// The card of this name.
    pub fn get(&self, id: &str) -> Option<&RunCard> {
        self.cards.iter().find(|card| card.id == id)
    }

    pub(crate) fn check(&self, cards: &[Card], pathways: &[Pathway]) -> Result<(), String> {
        check_name(&self.name)?;
        check_texts(self.cards.iter().flat_map(RunCard::texts), &self.sources)?;
        check_unique("run card", self.cards.iter().map(|card| card.id.as_str()))?;
        let Some((last, narrow)) = self.cards.split_last() else {
            return Err("it has no [[cards]]: add one without a condition".into());
        };
        if last.is_conditional() {
            let id = &last.id;
            return Err(format!("the last run card {id} has a condition: add one without"));
        }
        if let Some(card) = narrow.iter().find(|card| !card.is_conditional()) {
            let id = &card.id;
            return Err(format!("run card {id} has no condition and hides the rest: put it last"));
        }
        self.cards.iter().try_for_each(|card| card.check(cards, pathways))
    }
}

impl RunCard {
    /// Whether a unit of this kind may take one of its places.
    pub fn takes(&self, kind: UnitKind) -> bool {
        self.slots.iter().any(|slot| slot.kinds.contains(&kind))
    }

    fn is_for(&self, query: RunQuery<'_>) -> bool {
        let suggestion = query.suggestion;
        let has = |(question, options): (&String, &Vec<String>)| {
            query.answers.get(question).is_some_and(|answer| options.contains(answer))
        };
        (self.complaints.is_empty() || self.complaints.iter().any(|it| it == query.complaint))
            && (self.pathways.is_empty() || self.pathways.contains(&suggestion.pathway))
            && (self.needs.is_empty() || self.needs.contains(&suggestion.needs_unit))
            && self.urgency_max.is_none_or(|max| query.urgency <= max)
            && self.when.iter().all(has)
    }

    fn texts(&self) -> impl Iterator<Item = &Text> {
        self.slots.iter().map(|slot| &slot.name).chain([&self.name])
    }

    fn is_conditional(&self) -> bool {
        !(self.complaints.is_empty()
            && self.pathways.is_empty()
            && self.needs.is_empty()
            && self.urgency_max.is_none()
            && self.when.is_empty())
    }

    fn check(&self, cards: &[Card], pathways: &[Pathway]) -> Result<(), String> {
        check_id("run card", &self.id)?;
        self.check_conditions(cards, pathways)?;
        let n = self.slots.len();
        if !(1..=UNITS_PER_INCIDENT_MAX).contains(&n) {
            let id = &self.id;
            return Err(format!(
                "run card {id} has {n} slots, outside 1..={UNITS_PER_INCIDENT_MAX}"
            ));
        }
        check_unique("slot", self.slots.iter().map(|slot| slot.id.as_str()))?;
        self.slots.iter().try_for_each(|slot| self.check_slot(slot))
    }

    fn check_conditions(&self, cards: &[Card], pathways: &[Pathway]) -> Result<(), String> {
        let id = &self.id;
        if self.urgency_max.is_some_and(|max| !(1..=N_URGENCIES).contains(&max)) {
            return Err(format!("run card {id}: urgency_max is outside 1..={N_URGENCIES}"));
        }
        let unknown = |it: &&String| !cards.iter().any(|card| card.id == **it);
        if let Some(complaint) = self.complaints.iter().find(unknown) {
            let known = list(cards.iter().map(|card| card.id.as_str()));
            return Err(format!(
                "run card {id} names complaint \"{complaint}\", not one of {known}"
            ));
        }
        let unknown = |it: &&PathwayId| !pathways.iter().any(|pathway| pathway.id == **it);
        if let Some(pathway) = self.pathways.iter().find(unknown) {
            let known = list(pathways.iter().map(|pathway| pathway.id.as_str()));
            return Err(format!("run card {id} names pathway \"{pathway}\", not one of {known}"));
        }
        if self.complaints.is_empty() && !self.when.is_empty() {
            return Err(format!("run card {id} asks for answers: name its complaints, too"));
        }
        let own = cards.iter().filter(|card| self.complaints.contains(&card.id));
        own.into_iter().try_for_each(|card| self.check_answers(card))
    }

    fn check_answers(&self, card: &Card) -> Result<(), String> {
        for (id, options) in &self.when {
            let question = card.question(id);
            let has = |option: &String| {
                option != UNKNOWN && question.is_some_and(|it| it.has_option(option))
            };
            if options.is_empty() || !options.iter().all(has) {
                return Err(format!(
                    "run card {} wants of {}, question {id}, an answer that is not there: compare data/dispatch/cards",
                    self.id, card.id
                ));
            }
        }
        Ok(())
    }

    fn check_slot(&self, slot: &Slot) -> Result<(), String> {
        let Slot { id, kinds, .. } = slot;
        check_id("slot", id)?;
        let is_once = |kind| kinds.iter().filter(|it| *it == kind).count() == 1;
        if kinds.is_empty() || !kinds.iter().all(is_once) {
            return Err(format!("slot {id} names no kind, or one twice: list each once"));
        }
        if slot.need == Need::Needed && !kinds.iter().all(|kind| kind.is_crewed()) {
            return Err(format!("slot {id} needs a drone, which treats nobody: wish for it"));
        }
        if slot.within.is_some() && !(slot.need == Need::Wished && self.is_first_hands) {
            return Err(format!(
                "slot {id} has within_s: that is for wished slots of cards with first_hands"
            ));
        }
        Ok(())
    }
}
