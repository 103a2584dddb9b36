//! All data files, parsed and checked once.

use std::collections::BTreeMap;

use ems_model::{Millis, Priority};
use serde::de::DeserializeOwned;

use crate::burns::BurnReferral;
use crate::card::Card;
use crate::child::ChildTriage;
use crate::clock::{ClockFile, ClockSpec};
use crate::drone::Flight;
use crate::error::{CardError, ReferenceError, UnknownPolicy, echo, list};
use crate::field_triage::FieldTriage;
use crate::mass_casualty::MassCasualtyRules;
use crate::obstetric::MaternalLevels;
use crate::pathway::{Pathway, PathwayId};
use crate::policy::{HospitalPolicy, Policy};
use crate::run_card::{RunCard, RunCards, RunQuery};
use crate::scheme::PriorityScheme;
use crate::stemi::StemiModel;
use crate::stroke::StrokeModel;
use crate::tagging::TagTree;
use crate::text::Text;
use crate::triage::Suggestion;

/// The scheme in force unless another is chosen.
const SCHEME_STANDARD: &str = "china";

/// A data file: its name for errors, and its text.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// What errors call it.
    pub name: &'a str,
    /// TOML.
    pub text: &'a str,
}

/// The texts of all data files.
#[derive(Debug, Clone)]
pub struct Texts<'a> {
    /// Priority schemes, one a file.
    pub schemes: Vec<File<'a>>,
    /// Complaint cards, one a file, in the order that the call-taker sees.
    pub cards: Vec<File<'a>>,
    /// Pathways, one a file.
    pub pathways: Vec<File<'a>>,
    /// KPI clocks, several a file.
    pub clocks: Vec<File<'a>>,
    /// Policies, one a file; the first is in force until another is chosen.
    pub policies: Vec<File<'a>>,
    /// How hospitals are ranked under each of them.
    pub hospitals: File<'a>,
    /// Chances after a stroke.
    pub stroke: File<'a>,
    /// Time targets of a heart attack.
    pub stemi: File<'a>,
    /// Which injured patients belong in a trauma centre.
    pub trauma: File<'a>,
    /// Which burns belong in a burn centre.
    pub burns: File<'a>,
    /// Which level of care a mother and her newborn need.
    pub obstetric: File<'a>,
    /// How ill a child looks.
    pub child: File<'a>,
    /// Questions that tag many casualties, one method a file.
    pub tag_trees: Vec<File<'a>>,
    /// How many casualties are spread and loaded.
    pub mass_casualty: File<'a>,
    /// Which units a call gets.
    pub run_cards: File<'a>,
    /// How drones fly.
    pub drone: File<'a>,
}

/// What the service works by: cards, priorities, pathways, policies and clocks, all checked.
#[derive(Debug, Clone)]
pub struct Reference {
    scheme_idx: usize,
    schemes: Vec<PriorityScheme>,
    cards: Vec<Card>,
    pathways: Vec<Pathway>,
    policies: Vec<Policy>,
    first_policy_idx: usize,
    hospitals: HospitalPolicy,
    clocks: Vec<ClockSpec>,
    stroke: StrokeModel,
    stemi: StemiModel,
    trauma: FieldTriage,
    burns: BurnReferral,
    obstetric: MaternalLevels,
    child: ChildTriage,
    tag_trees: Vec<TagTree>,
    mass_casualty: MassCasualtyRules,
    run_cards: RunCards,
    flight: Flight,
}

impl Reference {
    /// The data that ship, with China's four levels in force.
    ///
    /// # Panics
    /// Never: a test parses and checks the same files.
    pub fn standard() -> Self {
        let parsed = Self::parse(&Texts::standard(), SCHEME_STANDARD);
        parsed.expect("the files that ship are parsed and checked by a test")
    }

    /// Parses and checks a service's own files, with `scheme` in force.
    pub fn parse(texts: &Texts<'_>, scheme: &str) -> Result<Self, ReferenceError> {
        let schemes =
            parse_all(&texts.schemes, "scheme", |s: &PriorityScheme| &s.id, PriorityScheme::check)?;
        let pathways =
            parse_all(&texts.pathways, "pathway", |p: &Pathway| p.id.as_str(), Pathway::check)?;
        let cards = parse_all(
            &texts.cards,
            "card",
            |card: &Card| &card.id,
            |card| {
                card.check()?;
                check_pathways(card, &pathways)
            },
        )?;
        let check_run_cards = |it: &RunCards| it.check(&cards, &pathways);
        let run_cards = parse_checked(&texts.run_cards, check_run_cards)?;
        let reference = Self {
            scheme_idx: 0,
            schemes,
            cards,
            pathways,
            policies: parse_policies(&texts.policies)?,
            first_policy_idx: 0,
            hospitals: parse_checked(&texts.hospitals, HospitalPolicy::check)?,
            clocks: parse_clocks(&texts.clocks)?,
            stroke: parse_checked(&texts.stroke, StrokeModel::check)?,
            stemi: parse_checked(&texts.stemi, StemiModel::check)?,
            trauma: parse_checked(&texts.trauma, FieldTriage::check)?,
            burns: parse_checked(&texts.burns, BurnReferral::check)?,
            obstetric: parse_checked(&texts.obstetric, MaternalLevels::check)?,
            child: parse_checked(&texts.child, ChildTriage::check)?,
            tag_trees: parse_all(
                &texts.tag_trees,
                "tagging",
                |t: &TagTree| &t.name,
                TagTree::check,
            )?,
            mass_casualty: parse_checked(&texts.mass_casualty, MassCasualtyRules::check)?,
            run_cards,
            flight: parse_checked(&texts.drone, Flight::check)?,
        };
        reference.with_scheme(scheme)
    }

    /// The same with another priority scheme in force.
    pub fn with_scheme(self, scheme: &str) -> Result<Self, ReferenceError> {
        match self.schemes.iter().position(|known| known.id == scheme) {
            Some(scheme_idx) => Ok(Self { scheme_idx, ..self }),
            None => Err(ReferenceError::UnknownScheme {
                scheme: echo(scheme),
                allowed: list(self.schemes.iter().map(|known| known.id.as_str())),
            }),
        }
    }

    /// The priority scheme in force.
    pub fn scheme(&self) -> &PriorityScheme {
        &self.schemes[self.scheme_idx]
    }

    /// Every priority scheme.
    pub fn schemes(&self) -> &[PriorityScheme] {
        &self.schemes
    }

    /// Every card, in the order that the call-taker sees.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// The card of a complaint.
    pub fn card(&self, complaint: &str) -> Result<&Card, CardError> {
        let found = self.cards.iter().find(|card| card.id == complaint);
        found.ok_or_else(|| CardError::UnknownComplaint {
            complaint: echo(complaint),
            allowed: list(self.cards.iter().map(|card| card.id.as_str())),
        })
    }

    /// Every pathway.
    pub fn pathways(&self) -> &[Pathway] {
        &self.pathways
    }

    /// A pathway; those that a suggestion names are always there.
    pub fn pathway(&self, id: &PathwayId) -> Option<&Pathway> {
        self.pathways.iter().find(|pathway| pathway.id == *id)
    }

    /// The policy in force until another is chosen.
    pub fn policy(&self) -> &Policy {
        &self.policies[0]
    }

    /// Every policy.
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// The same where a log begins with a switch to this policy; one that has begun keeps its own.
    pub fn beginning_with(self, policy: &str) -> Result<Self, UnknownPolicy> {
        let wanted = self.policy_named(policy)?.name.clone();
        let is_wanted = |policy: &Policy| policy.name == wanted;
        let idx = self.policies.iter().position(is_wanted).expect("it was found by its name");
        Ok(Self { first_policy_idx: idx, ..self })
    }

    /// The policy that a log begins with a switch to, if it is not [`Self::policy`].
    pub fn first_policy(&self) -> Option<&Policy> {
        (self.first_policy_idx > 0).then(|| &self.policies[self.first_policy_idx])
    }

    /// The policy of this name and version.
    pub fn policy_named(&self, name: &str) -> Result<&Policy, UnknownPolicy> {
        self.policies.iter().find(|policy| policy.name == name).ok_or_else(|| UnknownPolicy {
            policy: echo(name),
            allowed: list(self.policies.iter().map(|policy| policy.name.as_str())),
        })
    }

    /// How hospitals are ranked, under every policy.
    pub fn hospitals(&self) -> &HospitalPolicy {
        &self.hospitals
    }

    /// Where a stroke has the best chance.
    pub fn stroke(&self) -> &StrokeModel {
        &self.stroke
    }

    /// How a heart attack is reperfused in time.
    pub fn stemi(&self) -> &StemiModel {
        &self.stemi
    }

    /// Which injured patients belong in a trauma centre.
    pub fn trauma(&self) -> &FieldTriage {
        &self.trauma
    }

    /// Which burns belong in a burn centre.
    pub fn burns(&self) -> &BurnReferral {
        &self.burns
    }

    /// Which level of care a mother and her newborn need.
    pub fn obstetric(&self) -> &MaternalLevels {
        &self.obstetric
    }

    /// How ill a child looks, and what its hospital should have.
    pub fn child(&self) -> &ChildTriage {
        &self.child
    }

    /// Every method of tagging many casualties.
    pub fn tag_trees(&self) -> &[TagTree] {
        &self.tag_trees
    }

    /// A method of tagging by its name with its version.
    pub fn tag_tree(&self, name: &str) -> Option<&TagTree> {
        self.tag_trees.iter().find(|tree| tree.name == name)
    }

    /// How many casualties are spread and loaded.
    pub fn mass_casualty(&self) -> &MassCasualtyRules {
        &self.mass_casualty
    }

    /// Which units a call gets.
    pub fn run_cards(&self) -> &RunCards {
        &self.run_cards
    }

    /// How drones fly.
    pub fn flight(&self) -> &Flight {
        &self.flight
    }

    /// The run card of a call with this priority.
    pub fn run_card(
        &self,
        complaint: &str,
        answers: &BTreeMap<String, String>,
        suggestion: &Suggestion,
        priority: &Priority,
    ) -> &RunCard {
        let urgency = self.scheme().urgency_of(priority);
        self.run_cards.card_for(RunQuery { complaint, answers, urgency, suggestion })
    }

    /// Every KPI clock.
    pub fn clocks(&self) -> &[ClockSpec] {
        &self.clocks
    }

    /// The priority of a code of the scheme in force.
    pub fn priority(&self, code: &str) -> Result<Priority, CardError> {
        let scheme = self.scheme();
        scheme.priority(code).ok_or_else(|| CardError::UnknownPriority {
            code: echo(code),
            scheme: scheme.id.clone(),
            allowed: list(scheme.levels.iter().map(|level| level.code.as_str())),
        })
    }

    /// The response target of a priority, where the scheme in force has one.
    pub fn target(&self, priority: &Priority) -> Option<Millis> {
        let level = self.scheme().levels.iter().find(|level| level.code == priority.code)?;
        level.target
    }

    /// What the card of `complaint` suggests for `answers` (question to option) and `age` in years.
    pub fn suggest(
        &self,
        complaint: &str,
        answers: &BTreeMap<String, String>,
        age: Option<u8>,
    ) -> Result<Suggestion, CardError> {
        self.card(complaint)?.suggest(self.scheme(), answers, age)
    }

    /// The words of a reason that a suggestion gave: `chest-pain.cold-sweat`.
    pub fn because_text(&self, key: &str) -> Option<Text> {
        let (complaint, key) = key.split_once('.')?;
        self.card(complaint).ok()?.because_text(key)
    }
}

fn parse_one<T: DeserializeOwned>(file: &File<'_>) -> Result<T, ReferenceError> {
    toml::from_str(file.text).map_err(|source| ReferenceError::Malformed {
        file: file.name.to_owned(),
        source: Box::new(source),
    })
}

fn parse_checked<T: DeserializeOwned>(
    file: &File<'_>,
    check: impl Fn(&T) -> Result<(), String>,
) -> Result<T, ReferenceError> {
    let one = parse_one(file)?;
    check(&one).map_err(|what| ReferenceError::invalid(file.name, what))?;
    Ok(one)
}

fn parse_all<T: DeserializeOwned>(
    files: &[File<'_>],
    what: &'static str,
    id: impl Fn(&T) -> &str,
    check: impl Fn(&T) -> Result<(), String>,
) -> Result<Vec<T>, ReferenceError> {
    let mut parsed: Vec<T> = Vec::with_capacity(files.len());
    for file in files {
        let one: T = parse_checked(file, &check)?;
        if parsed.iter().any(|other| id(other) == id(&one)) {
            let (file, id) = (file.name.to_owned(), id(&one).to_owned());
            return Err(ReferenceError::Duplicate { file, what, id });
        }
        parsed.push(one);
    }
    Ok(parsed)
}

fn parse_policies(files: &[File<'_>]) -> Result<Vec<Policy>, ReferenceError> {
    let policies = parse_all(files, "policy", |policy: &Policy| &policy.name, Policy::check)?;
    if policies.is_empty() {
        let what = "there is none: give at least one file";
        return Err(ReferenceError::invalid("policies", what.to_owned()));
    }
    Ok(policies)
}

fn parse_clocks(files: &[File<'_>]) -> Result<Vec<ClockSpec>, ReferenceError> {
    let mut clocks: Vec<ClockSpec> = Vec::new();
    for file in files {
        let parsed: ClockFile = parse_one(file)?;
        for clock in parsed.clocks {
            clock.check().map_err(|what| ReferenceError::invalid(file.name, what))?;
            if clocks.iter().any(|other| other.id == clock.id) {
                let (file, id) = (file.name.to_owned(), clock.id);
                return Err(ReferenceError::Duplicate { file, what: "clock", id });
            }
            clocks.push(clock);
        }
    }
    Ok(clocks)
}

fn check_pathways(card: &Card, pathways: &[Pathway]) -> Result<(), String> {
    let has = |id: &PathwayId| pathways.iter().any(|pathway| pathway.id == *id);
    match card.pathways().find(|id| !has(id)) {
        None => Ok(()),
        Some(id) => {
            let known = list(pathways.iter().map(|pathway| pathway.id.as_str()));
            Err(format!("pathway \"{id}\" is not one of {known}: choose one or add its file"))
        }
    }
}
