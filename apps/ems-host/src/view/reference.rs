//! What does not change while a centre runs: cards, priorities, names.

use std::collections::BTreeMap;

use ems_clinical::Scores;
use ems_dispatch::{Card, PriorityScheme, Question, Reference, RunCard};
use ems_model::{Millis, Need, UnitKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::destination::DestinationView;
use super::major::TagTreeView;
use super::score::ScoreView;
use super::text::{SourceView, TextView};

/// The priority scheme in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SchemeView {
    id: String,
    name: TextView,
    levels: Vec<LevelView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LevelView {
    /// 1 is the most urgent.
    rank: u8,
    code: String,
    name: TextView,
    target: Option<Millis>,
    /// Whether the target was checked against the cited edition.
    is_verified: bool,
}

/// Complaint cards, tasks and rules by the names that events use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferenceView {
    scheme: SchemeView,
    complaints: Vec<CardView>,
    /// Names of tasks by `what`.
    tasks: BTreeMap<String, TextView>,
    /// Texts of rules by the keys in `because`.
    rules: BTreeMap<String, TextView>,
    /// What decides where a patient belongs.
    destination: Vec<DestinationView>,
    /// Methods of tagging many casualties.
    tag_trees: Vec<TagTreeView>,
    run_cards: Vec<RunCardView>,
    /// Scores that vital signs carry.
    scores: Vec<ScoreView>,
}

/// Which units calls of one sort get.
#[derive(Debug, Serialize, ToSchema)]
struct RunCardView {
    id: String,
    name: TextView,
    slots: Vec<SlotView>,
}

/// A place of a run card.
#[derive(Debug, Serialize, ToSchema)]
struct SlotView {
    id: String,
    name: TextView,
    kinds: Vec<UnitKind>,
    need: Need,
    /// How long after the first crew a unit still helps there; `null` for any time.
    within: Option<Millis>,
}

impl From<&RunCard> for RunCardView {
    fn from(card: &RunCard) -> Self {
        let slots = card.slots.iter().map(|slot| SlotView {
            id: slot.id.clone(),
            name: TextView::from(&slot.name),
            kinds: slot.kinds.clone(),
            need: slot.need,
            within: slot.within,
        });
        Self { id: card.id.clone(), name: TextView::from(&card.name), slots: slots.collect() }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct CardView {
    id: String,
    name: TextView,
    questions: Vec<QuestionView>,
    sources: Vec<SourceView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct QuestionView {
    id: String,
    text: TextView,
    is_red_flag: bool,
    options: Vec<OptionView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct OptionView {
    id: String,
    text: TextView,
}

impl From<&PriorityScheme> for SchemeView {
    fn from(scheme: &PriorityScheme) -> Self {
        let levels = scheme.levels.iter().map(|level| LevelView {
            rank: level.rank,
            code: level.code.clone(),
            name: TextView::from(&level.name),
            target: level.target,
            is_verified: level.is_verified,
        });
        Self { id: scheme.id.clone(), name: TextView::from(&scheme.name), levels: levels.collect() }
    }
}

impl From<&Reference> for ReferenceView {
    fn from(reference: &Reference) -> Self {
        let tasks = reference.pathways().iter().flat_map(|pathway| &pathway.tasks);
        Self {
            scheme: SchemeView::from(reference.scheme()),
            complaints: reference.cards().iter().map(CardView::from).collect(),
            tasks: tasks.map(|task| (task.what.clone(), TextView::from(&task.name))).collect(),
            rules: rules_of(reference),
            destination: super::destination::destinations(reference),
            tag_trees: reference.tag_trees().iter().map(TagTreeView::from).collect(),
            run_cards: reference.run_cards().cards.iter().map(RunCardView::from).collect(),
            scores: Scores::standard().iter().map(ScoreView::from).collect(),
        }
    }
}

/// The texts of every key that a card can put into `because`.
fn rules_of(reference: &Reference) -> BTreeMap<String, TextView> {
    let keys = reference.cards().iter().flat_map(keys_of);
    keys.filter_map(|key| {
        let text = reference.because_text(&key)?;
        Some((key, TextView::from(&text)))
    })
    .collect()
}

fn keys_of(card: &Card) -> impl Iterator<Item = String> {
    let rules = card.rules.iter().map(|rule| format!("{}.{}", card.id, rule.id));
    let unknowns = card.questions.iter().map(|it| format!("{}.unknown.{}", card.id, it.id));
    let others = ["default", "unknown-age"].iter().map(|key| format!("{}.{key}", card.id));
    rules.chain(unknowns).chain(others)
}

impl From<&Card> for CardView {
    fn from(card: &Card) -> Self {
        let sources = card.sources.iter();
        Self {
            id: card.id.clone(),
            name: TextView::from(&card.name),
            questions: card.questions.iter().map(QuestionView::from).collect(),
            sources: sources.map(SourceView::from).collect(),
        }
    }
}

impl From<&Question> for QuestionView {
    fn from(question: &Question) -> Self {
        let options = question.options.iter();
        Self {
            id: question.id.clone(),
            text: TextView::from(&question.text),
            is_red_flag: question.is_red_flag,
            options: options
                .map(|it| OptionView { id: it.id.clone(), text: TextView::from(&it.text) })
                .collect(),
        }
    }
}
