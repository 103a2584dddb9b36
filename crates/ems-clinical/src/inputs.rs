//! What scores may ask of a patient: numbers with their unit, and choices.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{Consciousness, Vitals};
use serde::Deserialize;

use crate::TableError;
use crate::interval::Interval;
use crate::text::Text;

/// Everything that a score may ask: `data/clinical/inputs.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    inputs: Vec<Input>,
}

/// One thing that a score may ask: a number where `unit` is given, else a choice of `options`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name in tables and documents, with the unit last: `heart_rate_per_min`.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// The unit of a number.
    pub unit: Option<String>,
    /// The least number that is accepted.
    #[serde(default)]
    low: f64,
    /// The greatest.
    #[serde(default)]
    high: f64,
    /// What may be chosen.
    #[serde(default)]
    pub options: Vec<String>,
    /// What a number follows from where it is not given itself.
    #[serde(default)]
    terms: Vec<Term>,
}

/// One summand of a number that follows from others.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Term {
    input: String,
    times: f64,
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Observed {
    /// A number, in the unit of its input.
    Number(f64),
    /// One of the options of its input.
    Choice(String),
}

/// What is known of a patient, each answer within what its input accepts.
#[derive(Debug, Clone)]
pub struct Observations<'a> {
    inputs: &'a Inputs,
    values: BTreeMap<&'a str, Observed>,
}

/// An answer that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InputError {
    /// No score asks for it.
    #[error("\"{id}\" is no input of a score{}: correct the name, or leave it out", meant(.nearest.as_deref()))]
    Unknown {
        /// The name.
        id: String,
        /// An input with a name like it.
        nearest: Option<String>,
    },
    /// A number outside what its input accepts.
    #[error("{id} {value} is outside {low}..={high} {unit}: measure again, or correct the unit")]
    Range {
        /// The input.
        id: String,
        /// The number.
        value: f64,
        /// The least that is accepted.
        low: f64,
        /// The greatest.
        high: f64,
        /// Their unit.
        unit: String,
    },
    /// Words where a number is due.
    #[error("{id} is not a number: give it in {unit}, without quotation marks")]
    NotNumber {
        /// The input.
        id: String,
        /// Its unit.
        unit: String,
    },
    /// No option of the input.
    #[error("{id} {value} is none of its options: give {options}")]
    NotOption {
        /// The input.
        id: String,
        /// What was given.
        value: String,
        /// What may be given.
        options: String,
    },
    /// A number and those it follows from, and they disagree.
    #[error("{id} {value} is not {expected}, which follows from {from}: leave one of them out")]
    Disagree {
        /// The input.
        id: String,
        /// The number given.
        value: f64,
        /// The number that follows.
        expected: f64,
        /// From what.
        from: String,
    },
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|id| format!(" (is it \"{id}\"?)")).unwrap_or_default()
}

impl Inputs {
    /// The inputs that ship: `data/clinical/inputs.toml`.
    #[expect(clippy::missing_panics_doc, reason = "the table in the tree is tested")]
    pub fn standard() -> Self {
        let text = include_str!("../../../data/clinical/inputs.toml");
        Self::parse(text).expect("the table in the tree is tested to be readable")
    }

    /// Reads inputs in the format of `data/clinical/inputs.toml`.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let inputs: Self = toml::from_str(text)?;
        let mut seen = BTreeSet::new();
        for input in &inputs.inputs {
            input.check(&seen).map_err(|what| TableError::Entry { id: input.id.clone(), what })?;
            seen.insert(input.id.as_str());
        }
        Ok(inputs)
    }

    /// Every input, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter()
    }

    /// The input of that name.
    pub fn get(&self, id: &str) -> Option<&Input> {
        self.iter().find(|input| input.id == id)
    }

    /// Takes answers by the names of their inputs, each within what its input accepts.
    pub fn observe(
        &self,
        answers: impl IntoIterator<Item = (String, Observed)>,
    ) -> Result<Observations<'_>, InputError> {
        let mut values = BTreeMap::new();
        for (id, answer) in answers {
            let input = self.get(&id).ok_or_else(|| self.unknown(id))?;
            input.accept(&answer)?;
            values.insert(input.id.as_str(), answer);
        }
        let observed = Observations { inputs: self, values };
        self.iter().try_for_each(|input| observed.check_terms(input))?;
        Ok(observed)
    }

    fn unknown(&self, id: String) -> InputError {
        let nearest = self.iter().map(|input| (alike(&input.id, &id), &input.id)).max();
        let nearest = nearest.filter(|(alike, _)| *alike >= 4).map(|(_, id)| id.clone());
        InputError::Unknown { id, nearest }
    }
}

/// What vital signs answer. The consciousness is ACVPU as in NEWS2, never a Glasgow score.
pub fn vital_answers(vitals: &Vitals) -> impl Iterator<Item = (String, Observed)> {
    let numbers = [
        ("heart_rate_per_min", vitals.heart_rate.map(f64::from)),
        ("respiratory_rate_per_min", vitals.respiratory_rate.map(f64::from)),
        ("spo2_percent", vitals.spo2.map(f64::from)),
        ("systolic_mmhg", vitals.systolic.map(f64::from)),
        ("diastolic_mmhg", vitals.diastolic.map(f64::from)),
        ("temperature_celsius", vitals.temperature.map(f64::from)),
    ];
    let choices = [
        ("on_oxygen", vitals.on_oxygen.map(|is_on| if is_on { "yes" } else { "no" })),
        ("consciousness", vitals.consciousness.map(acvpu)),
    ];
    let numbers = numbers.into_iter().map(|(id, it)| (id, it.map(Observed::Number)));
    let choices =
        choices.into_iter().map(|(id, it)| (id, it.map(|it| Observed::Choice(it.into()))));
    numbers.chain(choices).filter_map(|(id, answer)| Some((id.to_owned(), answer?)))
}

/// How many letters two names begin with alike.
fn alike(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

fn acvpu(level: Consciousness) -> &'static str {
    match level {
        Consciousness::Alert => "alert",
        Consciousness::Confusion => "confusion",
        Consciousness::Voice => "voice",
        Consciousness::Pain => "pain",
        Consciousness::Unresponsive => "unresponsive",
    }
}

impl Input {
    /// The numbers that it accepts, as `0..=300`.
    pub fn accepts(&self) -> String {
        format!("{}..={}", self.low, self.high)
    }

    /// All that a number of this input can be.
    pub(crate) fn range(&self) -> Interval {
        Interval { low: self.low, high: self.high }
    }

    fn check(&self, before: &BTreeSet<&str>) -> Result<(), String> {
        if before.contains(self.id.as_str()) {
            return Err("it comes twice: rename one of them".into());
        }
        if !self.name.is_whole() {
            return Err("its name is empty in one language: write both".into());
        }
        match (&self.unit, self.options.len()) {
            (Some(_), 0) if self.low < self.high => {}
            (None, 2..) => {}
            _ => return Err("it is no number with unit, low < high, nor two options".into()),
        }
        match self.terms.iter().find(|term| !before.contains(term.input.as_str())) {
            Some(term) => Err(format!("its term {} does not stand above it: move it", term.input)),
            None => Ok(()),
        }
    }

    fn accept(&self, answer: &Observed) -> Result<(), InputError> {
        let id = self.id.clone();
        match (&self.unit, answer) {
            (Some(unit), Observed::Number(value)) => {
                let (low, high, unit) = (self.low, self.high, unit.clone());
                let is_in = (low..=high).contains(value);
                is_in.then_some(()).ok_or(InputError::Range { id, value: *value, low, high, unit })
            }
            (Some(unit), Observed::Choice(_)) => {
                Err(InputError::NotNumber { id, unit: unit.clone() })
            }
            (None, Observed::Choice(option)) if self.options.contains(option) => Ok(()),
            (None, answer) => {
                let value = match answer {
                    Observed::Number(value) => value.to_string(),
                    Observed::Choice(option) => format!("\"{option}\""),
                };
                Err(InputError::NotOption { id, value, options: self.options.join(", ") })
            }
        }
    }
}

impl<'a> Observations<'a> {
    /// What is known of a choice.
    pub(crate) fn choice(&self, id: &str) -> Option<&str> {
        match self.values.get(id) {
            Some(Observed::Choice(option)) => Some(option),
            _ => None,
        }
    }

    /// What a number can be: the one given, what follows from others, or all its input accepts.
    pub(crate) fn number(&self, input: &'a Input) -> Interval {
        match self.values.get(input.id.as_str()) {
            Some(Observed::Number(value)) => Interval::point(*value),
            _ => self.derived(input).unwrap_or_else(|| input.range()),
        }
    }

    /// The inputs that would have to be given for this one to be known; none once it is.
    pub(crate) fn missing(&self, input: &'a Input) -> Vec<&'a str> {
        if self.values.contains_key(input.id.as_str()) {
            return Vec::new();
        }
        match self.terms(input) {
            terms if terms.is_empty() => vec![&input.id],
            terms => terms.into_iter().flat_map(|(term, _)| self.missing(term)).collect(),
        }
    }

    fn derived(&self, input: &'a Input) -> Option<Interval> {
        let terms = self.terms(input).into_iter();
        let sum = terms.map(|(term, times)| self.number(term).times(times));
        Some(sum.reduce(Interval::plus)?.within(input.range()))
    }

    fn terms(&self, input: &'a Input) -> Vec<(&'a Input, f64)> {
        let terms = input.terms.iter();
        terms.filter_map(|term| Some((self.inputs.get(&term.input)?, term.times))).collect()
    }

    /// A number beside those it follows from must be theirs, to its last place.
    fn check_terms(&self, input: &'a Input) -> Result<(), InputError> {
        let given = self.values.get(input.id.as_str());
        let follows = self.derived(input).and_then(Interval::value);
        match (given, follows) {
            (Some(Observed::Number(value)), Some(expected)) if (value - expected).abs() >= 1.0 => {
                let from: Vec<_> = input.terms.iter().map(|term| term.input.as_str()).collect();
                let (id, value) = (input.id.clone(), *value);
                Err(InputError::Disagree { id, value, expected, from: from.join(", ") })
            }
            _ => Ok(()),
        }
    }
}
