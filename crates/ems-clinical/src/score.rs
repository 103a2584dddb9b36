//! One score as a table: its items, how they combine, and what the sum means.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::inputs::{Input, Inputs};
use crate::text::Text;

/// A score, from one TOML file under `data/clinical/scores/`, which `docs/scores.md` explains.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Its name in data: `news2`.
    pub id: String,
    /// Its name for people.
    pub title: Text,
    /// The publication, edition and table that it follows.
    pub edition: String,
    /// Whether each figure was compared with that publication, with a page that quotes it, or with
    /// two transcriptions that agree.
    pub verified: bool,
    /// What it was compared with.
    pub sources: Vec<String>,
    /// What else a reader should know.
    pub note: Option<Text>,
    #[serde(default)]
    pub(crate) combine: Combine,
    #[serde(default)]
    pub(crate) intercept: f64,
    /// Places after the point when it is shown.
    #[serde(default)]
    pub decimals: usize,
    /// For whom it was made; who fails one of these has no score.
    #[serde(default)]
    pub(crate) applies: Vec<Applies>,
    /// What it asks.
    pub items: Vec<Item>,
    /// What its values mean, rising.
    #[serde(default)]
    pub classes: Vec<Class>,
}

/// How the points of items become a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Combine {
    /// The intercept and the weighted points.
    #[default]
    Sum,
    /// 1 / (1 + exp(-sum)): a chance.
    Logistic,
    /// The product of the items that do not divide, over the product of those that do.
    Quotient,
}

/// A limit to whom a score was made for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Applies {
    #[serde(rename = "if")]
    pub(crate) condition: Condition,
    /// What is told of a patient who fails it.
    pub(crate) otherwise: Text,
}

/// One question of a score.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its name within the score.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// Its points count so many times.
    #[serde(default = "one")]
    pub(crate) weight: f64,
    /// Whether a quotient divides by it.
    #[serde(default)]
    pub(crate) divides: bool,
    /// Whether one row whose input is known is enough: those that are not are left out.
    #[serde(default)]
    pub(crate) either: bool,
    /// Ways to its points: the most that one of those that hold gives.
    pub(crate) rows: Vec<Row>,
}

fn one() -> f64 {
    1.0
}

/// One way to the points of an item.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// It holds only if all of these do.
    #[serde(default)]
    pub(crate) when: Vec<Condition>,
    /// The input that is looked at,
    pub(crate) input: Option<String>,
    /// or the score that is.
    pub(crate) score: Option<String>,
    /// The chart's resolution, where its bands leave gaps: 1 for whole numbers.
    pub(crate) step: Option<f64>,
    /// Points of a number.
    #[serde(default)]
    pub(crate) bands: Vec<Band>,
    /// Points of a choice. Without either, the number itself counts.
    #[serde(default)]
    pub(crate) options: BTreeMap<String, f64>,
}

/// What holds of one input.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    pub(crate) input: String,
    pub(crate) from: Option<f64>,
    pub(crate) below: Option<f64>,
    #[serde(default)]
    pub(crate) is: Vec<String>,
}

/// The points of the numbers up to a limit and above the band before.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Band {
    /// The band's greatest number; the last band has neither limit.
    pub(crate) up_to: Option<f64>,
    /// Or the number that is just too great for it.
    pub(crate) below: Option<f64>,
    pub(crate) points: f64,
}

/// What values mean.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its name in data.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    from: Option<f64>,
    above: Option<f64>,
    any_item: Option<f64>,
}

impl Class {
    /// Whether a score with such a value and such a greatest item has reached this class.
    pub(crate) fn holds(&self, value: f64, item_max: f64) -> bool {
        self.from.is_none_or(|from| value >= from)
            && self.above.is_none_or(|above| value > above)
            && self.any_item.is_none_or(|points| item_max >= points)
    }
}

impl Band {
    pub(crate) fn holds(&self, value: f64) -> bool {
        self.up_to.is_none_or(|up_to| value <= up_to)
            && self.below.is_none_or(|below| value < below)
    }

    fn limit(&self) -> Option<f64> {
        self.up_to.or(self.below)
    }
}

impl Score {
    /// What is wrong with it, if something is; `before` are the scores that it may build on.
    pub(crate) fn check(&self, inputs: &Inputs, before: &[Score]) -> Result<(), String> {
        if self.sources.is_empty() || self.edition.trim().is_empty() {
            return Err("it names no source: write edition and sources".into());
        }
        let names = self.items.iter().map(|item| &item.name);
        let names = names.chain(self.classes.iter().map(|class| &class.name));
        if !names.chain([&self.title]).chain(&self.note).all(Text::is_whole) {
            return Err("a text is empty in one language: write both".into());
        }
        self.applies.iter().try_for_each(|applies| applies.condition.check(inputs))?;
        if self.items.is_empty() || before.iter().any(|score| score.id == self.id) {
            return Err("it has no items, or its id comes twice: correct it".into());
        }
        self.items.iter().try_for_each(|item| {
            item.check(inputs, before).map_err(|what| format!("item {}: {what}", item.id))
        })
    }
}

impl Item {
    fn check(&self, inputs: &Inputs, before: &[Score]) -> Result<(), String> {
        if self.rows.is_empty() {
            return Err("it has no rows: say which input gives its points".into());
        }
        self.rows.iter().try_for_each(|row| row.check(inputs, before))
    }
}

impl Row {
    fn check(&self, inputs: &Inputs, before: &[Score]) -> Result<(), String> {
        self.when.iter().try_for_each(|condition| condition.check(inputs))?;
        if !self.step.is_none_or(|step| step > 0.0 && step <= 1.0) {
            return Err("step is not above 0 and up to 1: give the chart's resolution".into());
        }
        match (&self.input, &self.score) {
            (Some(id), None) => self.check_input(known(inputs, id)?),
            (None, Some(id)) if self.bands.is_empty() && self.options.is_empty() => {
                let is_above = before.iter().any(|score| score.id == *id);
                is_above.then_some(()).ok_or(format!("score {id} does not stand before this one"))
            }
            _ => Err("a row looks at one input or one score: correct it".into()),
        }
    }

    fn check_input(&self, input: &Input) -> Result<(), String> {
        let is_number = input.unit.is_some();
        if is_number != self.options.is_empty() || (!is_number && !self.bands.is_empty()) {
            return Err(format!("{}: bands are for numbers, options for choices", input.id));
        }
        if let Some(option) = self.options.keys().find(|option| !input.options.contains(option)) {
            return Err(format!("{option} is no option of {}", input.id));
        }
        let Some((last, limited)) = self.bands.split_last() else { return Ok(()) };
        if last.limit().is_some() || limited.iter().any(|band| band.limit().is_none()) {
            return Err("the last band, and only it, lacks up_to and below: correct it".into());
        }
        let limits: Vec<_> = limited.iter().filter_map(Band::limit).collect();
        let rises = limits.windows(2).all(|pair| pair[0] < pair[1]);
        rises.then_some(()).ok_or("bands do not rise: put the lower limit first".into())
    }
}

impl Condition {
    fn check(&self, inputs: &Inputs) -> Result<(), String> {
        let input = known(inputs, &self.input)?;
        let is_fit = match input.unit {
            Some(_) => self.is.is_empty() && (self.from.is_some() || self.below.is_some()),
            None => !self.is.is_empty() && self.is.iter().all(|is| input.options.contains(is)),
        };
        is_fit.then_some(()).ok_or(format!("condition on {}: give from, below or is", self.input))
    }
}

fn known<'a>(inputs: &'a Inputs, id: &str) -> Result<&'a Input, String> {
    inputs.get(id).ok_or(format!("\"{id}\" is no input: add it to inputs.toml"))
}
