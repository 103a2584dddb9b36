//! Scores as the ambulance sends them.

use ems_model::{ClinicalRisk, News2, ScoreStanding, ScoreTold, Vitals};

use crate::evaluate::{Scored, Standing};
use crate::inputs::{Observations, Observed, vital_answers};
use crate::score::Class;
use crate::scores::Scores;

/// Which of the two saturation scales of NEWS2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spo2Scale {
    /// For everyone.
    #[default]
    One,
    /// For confirmed hypercapnic respiratory failure, on a clinician's order.
    Two,
}

impl Scores {
    /// What is known of a patient whose vital signs these are; `age` in years.
    ///
    /// # Panics
    /// Never: the ranges of quantities lie within those of `data/clinical/inputs.toml`, as tested.
    pub fn of_vitals(
        &self,
        vitals: &Vitals,
        scale: Spo2Scale,
        age: Option<u8>,
    ) -> Observations<'_> {
        let scale = if scale == Spo2Scale::One { "1" } else { "2" };
        let scale = ("spo2_scale".to_owned(), Observed::Choice(scale.to_owned()));
        let age = age.map(|age| ("age_years".to_owned(), Observed::Number(age.min(130).into())));
        let answers = vital_answers(vitals).chain([scale]).chain(age);
        self.inputs().observe(answers).expect("quantities lie within their inputs")
    }

    /// NEWS2 of what was measured; `None` while nothing was, and for whom it was not made.
    ///
    /// What is missing adds nothing and is listed, so that the score and its risk are lower bounds.
    pub fn news2(&self, known: &Observations<'_>) -> Option<News2> {
        let scored = self.score("news2", known)?;
        let is_for_them = !matches!(scored.standing, Standing::DoesNotApply(_));
        (is_for_them && scored.is_begun()).then(|| news2(&scored))
    }

    /// Those of these scores whose range says something, and NEWS2 once it is begun.
    pub fn told(&self, ids: &[String], known: &Observations<'_>) -> Vec<ScoreTold> {
        let scored = ids.iter().filter_map(|id| self.score(id, known));
        let is_sent =
            |it: &Scored<'_>| it.is_telling() || (it.score.id == "news2" && it.is_begun());
        scored.filter(is_sent).map(|scored| told(&scored)).collect()
    }
}

fn told(scored: &Scored<'_>) -> ScoreTold {
    let standing = match scored.standing {
        Standing::Applies => ScoreStanding::Applies,
        Standing::Unknown(_) => ScoreStanding::Unknown,
        Standing::DoesNotApply(_) => ScoreStanding::DoesNotApply,
    };
    let is_for_them = standing != ScoreStanding::DoesNotApply;
    let finite = |end: f64| Some(end).filter(|end| is_for_them && end.is_finite());
    let class = |class: Option<&Class>| class.filter(|_| is_for_them).map(|it| it.id.clone());
    let missing = scored.items.iter().filter(|item| !item.missing.is_empty());
    ScoreTold {
        id: scored.score.id.clone(),
        low: finite(scored.total.low),
        high: finite(scored.total.high),
        class_low: class(scored.class_low),
        class_high: class(scored.class_high),
        missing: missing.map(|item| item.item.id.clone()).collect(),
        standing,
    }
}

fn news2(scored: &Scored<'_>) -> News2 {
    let risk = match scored.class_low.map(|class| class.id.as_str()) {
        Some("high") => ClinicalRisk::High,
        Some("medium") => ClinicalRisk::Medium,
        Some("low_medium") => ClinicalRisk::LowMedium,
        _ => ClinicalRisk::Low,
    };
    let unmeasured = scored.items.iter().filter(|item| item.is_unmeasured());
    let missing = unmeasured.map(|item| item.item.id.clone()).collect();
    News2 { score: points(scored.total.low), risk, missing }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sum of whole points, within what a u8 holds"
)]
fn points(sum: f64) -> u8 {
    sum.clamp(0.0, 255.0) as u8
}
