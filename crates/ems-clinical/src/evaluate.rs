//! What a score is for a patient, or can still be.

use std::collections::BTreeSet;

use crate::inputs::{Inputs, Observations};
use crate::interval::Interval;
use crate::score::{Class, Combine, Condition, Item, Row, Score};
use crate::text::Text;

/// A score for one patient.
#[derive(Debug, Clone)]
pub struct Scored<'a> {
    /// The table.
    pub score: &'a Score,
    /// Whether it was made for this patient.
    pub standing: Standing<'a>,
    /// Its items with their weighted points, in the order of the table.
    pub items: Vec<ItemScored<'a>>,
    /// What it is, or from where to where it can be.
    pub total: Interval,
    /// The class at the least total.
    pub class_low: Option<&'a Class>,
    /// The class at the greatest.
    pub class_high: Option<&'a Class>,
}

/// Whether a score was made for the patient.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing<'a> {
    /// It was.
    Applies,
    /// Nobody said; these inputs would tell.
    Unknown(Vec<&'a str>),
    /// It was not, and must not be shown as a number.
    DoesNotApply(Vec<&'a Text>),
}

/// The points of one item.
#[derive(Debug, Clone)]
pub struct ItemScored<'a> {
    /// The item.
    pub item: &'a Item,
    /// Its points by its weight.
    pub points: Interval,
    /// Inputs that would narrow them; empty once they are known.
    pub missing: Vec<&'a str>,
    /// A choice that the table gives no points for.
    pub uncovered: Option<String>,
}

/// How far a condition is known to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    No,
    Maybe,
    Yes,
}

impl Scored<'_> {
    /// The score, once it is known and made for the patient.
    pub fn value(&self) -> Option<f64> {
        match self.standing {
            Standing::DoesNotApply(_) => None,
            Standing::Applies | Standing::Unknown(_) => self.total.value(),
        }
    }

    /// Inputs that would narrow it, by name.
    pub fn missing(&self) -> BTreeSet<&str> {
        self.items.iter().flat_map(|item| item.missing.iter().copied()).collect()
    }

    /// Whether so much of it is known that its range says something: two items and half of all, and
    /// something bounds it.
    pub fn is_telling(&self) -> bool {
        let n_known = self.items.iter().filter(|item| item.missing.is_empty()).count();
        let is_half = n_known >= 2 && 2 * n_known >= self.items.len();
        (is_half || n_known == self.items.len()) && self.total.high.is_finite()
    }

    /// Whether anything that it asks was told.
    pub fn is_begun(&self) -> bool {
        self.items.iter().any(|item| item.missing.is_empty())
    }
}

impl ItemScored<'_> {
    /// Whether what it looks at first was not told.
    pub(crate) fn is_unmeasured(&self) -> bool {
        let looked_at = self.item.rows.first().and_then(|row| row.input.as_deref());
        looked_at.is_some_and(|input| self.missing.contains(&input))
    }
}

/// Looks at one patient through tables.
#[derive(Clone, Copy)]
pub(crate) struct Evaluation<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) scores: &'a [Score],
    pub(crate) known: &'a Observations<'a>,
}

/// Points with what would narrow them.
struct Points<'a> {
    interval: Interval,
    missing: Vec<&'a str>,
    uncovered: Option<String>,
}

impl<'a> Evaluation<'a> {
    pub(crate) fn score(self, score: &'a Score) -> Scored<'a> {
        let items: Vec<_> = score.items.iter().map(|item| self.item(item)).collect();
        let total = combined(score, &items);
        let most = |end: fn(&Interval) -> f64| {
            items.iter().map(|item| end(&item.points)).fold(f64::NEG_INFINITY, f64::max)
        };
        let class = |value, most| score.classes.iter().rfind(|class| class.holds(value, most));
        Scored {
            class_low: class(total.low, most(|points| points.low)),
            class_high: class(total.high, most(|points| points.high)),
            standing: self.standing(score),
            score,
            items,
            total,
        }
    }

    fn standing(self, score: &'a Score) -> Standing<'a> {
        let truth = |wanted: Truth| {
            score.applies.iter().filter(move |it| self.truth(&it.condition) == wanted)
        };
        let against: Vec<_> = truth(Truth::No).map(|it| &it.otherwise).collect();
        if !against.is_empty() {
            return Standing::DoesNotApply(against);
        }
        let unknown: Vec<_> =
            truth(Truth::Maybe).flat_map(|it| self.missing(&it.condition.input)).collect();
        if unknown.is_empty() { Standing::Applies } else { Standing::Unknown(unknown) }
    }

    fn item(self, item: &'a Item) -> ItemScored<'a> {
        let rows: Vec<_> = item.rows.iter().map(|row| (self.holds(row), row)).collect();
        let held = rows.iter().filter(|(truth, _)| *truth != Truth::No);
        let mut held: Vec<_> = held.map(|(truth, row)| (*truth, self.row(row))).collect();
        if item.either && held.iter().any(|(_, row)| row.missing.is_empty()) {
            held.retain(|(_, row)| row.missing.is_empty());
        }
        let points = most(&held);
        let mut missing = BTreeSet::new();
        if points.value().is_none() {
            let asked = rows.iter().filter(|(truth, _)| *truth == Truth::Maybe);
            let asked = asked.flat_map(|(_, row)| &row.when);
            missing.extend(asked.flat_map(|condition| self.missing(&condition.input)));
            missing.extend(held.iter().flat_map(|(_, row)| row.missing.iter().copied()));
        }
        let missing = missing.into_iter().collect();
        let uncovered = held.into_iter().find_map(|(_, row)| row.uncovered);
        ItemScored { item, points: points.times(item.weight), missing, uncovered }
    }

    fn holds(self, row: &Row) -> Truth {
        row.when.iter().map(|condition| self.truth(condition)).min().unwrap_or(Truth::Yes)
    }

    fn truth(self, condition: &Condition) -> Truth {
        let Some(input) = self.inputs.get(&condition.input) else { return Truth::Maybe };
        if input.unit.is_none() {
            return match self.known.choice(&input.id) {
                None => Truth::Maybe,
                Some(option) if condition.is.iter().any(|is| is == option) => Truth::Yes,
                Some(_) => Truth::No,
            };
        }
        let number = self.known.number(input);
        let holds = |value: f64| {
            condition.from.is_none_or(|from| value >= from)
                && condition.below.is_none_or(|below| value < below)
        };
        match (number.value(), holds(number.low), holds(number.high)) {
            (Some(value), ..) => {
                if holds(value) {
                    Truth::Yes
                } else {
                    Truth::No
                }
            }
            (None, true, true) => Truth::Yes,
            _ => Truth::Maybe,
        }
    }

    fn missing(self, input: &str) -> Vec<&'a str> {
        self.inputs.get(input).map(|input| self.known.missing(input)).unwrap_or_default()
    }

    fn row(self, row: &'a Row) -> Points<'a> {
        if let Some(score) = row.score.as_ref().and_then(|id| self.find(id)) {
            let scored = self.score(score);
            let missing = scored.items.into_iter().flat_map(|item| item.missing).collect();
            return Points { interval: scored.total, missing, uncovered: None };
        }
        let id = row.input.as_deref().unwrap_or_default();
        let is_number = row.options.is_empty();
        let interval =
            if is_number { self.number_points(row, id) } else { self.option_points(row, id) };
        let uncovered = self.known.choice(id).filter(|option| !row.options.contains_key(*option));
        Points { interval, missing: self.missing(id), uncovered: uncovered.map(str::to_owned) }
    }

    fn find(self, id: &str) -> Option<&'a Score> {
        self.scores.iter().find(|score| score.id == id)
    }

    fn number_points(self, row: &Row, id: &str) -> Interval {
        let Some(input) = self.inputs.get(id) else { return Interval::point(f64::NAN) };
        let number = self.known.number(input);
        let number = row.step.map_or(number, |step| number.map(|end| to_step(end, step)));
        if row.bands.is_empty() {
            return number;
        }
        let band_of = |value| row.bands.iter().position(|band| band.holds(value));
        let (first, last) = (band_of(number.low), band_of(number.high));
        let bands = &row.bands[first.unwrap_or(0)..=last.unwrap_or(row.bands.len() - 1)];
        hull_of(bands.iter().map(|band| band.points))
    }

    /// A choice without points could be worth any of them.
    fn option_points(self, row: &Row, id: &str) -> Interval {
        let points = self.known.choice(id).and_then(|option| row.options.get(option));
        match points {
            Some(points) => Interval::point(*points),
            None => hull_of(row.options.values().copied()),
        }
    }
}

/// The nearest number that a chart of this resolution has. Dividing by 10 hits 38.4 where
/// multiplying by 0.1 does not.
fn to_step(value: f64, step: f64) -> f64 {
    let per_unit = (1.0 / step).round();
    (value * per_unit).round() / per_unit
}

fn hull_of(points: impl Iterator<Item = f64>) -> Interval {
    Interval::hull(points.map(Interval::point)).unwrap_or(Interval::point(f64::NAN))
}

/// The most of the rows that hold; a row that may hold counts for the greatest end alone, unless
/// none is sure to hold.
fn most(rows: &[(Truth, Points<'_>)]) -> Interval {
    let sure = rows.iter().filter(|(truth, _)| *truth == Truth::Yes);
    let sure_low = sure.map(|(_, row)| row.interval.low).reduce(f64::max);
    let hull = Interval::hull(rows.iter().map(|(_, row)| row.interval));
    let hull = hull.unwrap_or(Interval::point(f64::NAN));
    Interval { low: sure_low.unwrap_or(hull.low), high: hull.high }
}

fn combined(score: &Score, items: &[ItemScored<'_>]) -> Interval {
    let points = |divides: bool| {
        items.iter().filter(move |it| it.item.divides == divides).map(|item| item.points)
    };
    let one = Interval::point(1.0);
    let sum = || points(false).fold(Interval::point(score.intercept), Interval::plus);
    match score.combine {
        Combine::Sum => sum(),
        Combine::Logistic => sum().map(|sum| 1.0 / (1.0 + (-sum).exp())),
        Combine::Quotient => points(false)
            .fold(one, Interval::product)
            .over(points(true).fold(one, Interval::product)),
    }
}
