//! `golden-hour vitals trend`: how well a trend of vital signs tells who is worse soon.

use anyhow::{Context, bail};
use clap::Args;
use ems_clinical::{Calibration, Features, Scores, Spo2Scale, Trend, TrendModel};
use ems_model::{Millis, Timestamp, Vitals};
use ems_sim::{Mix, course};
use serde_json::json;

use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour vitals trend
  golden-hour vitals trend --patients 20000 --seed 3 --json

The patients are simulated (data/sim/mix.toml, invented for rehearsal): the table shows that fit and
calibration work, not that the model holds for real patients. No screen shows its chances.";

/// Readings are this far apart.
const EVERY: Millis = Millis::from_secs(30);
/// A course lasts this long.
const SPAN: Millis = Millis::from_mins(60);
/// A trend looks back so far.
const WINDOW: Millis = Millis::from_mins(10);
/// One look in so many readings.
const LOOK_EVERY: usize = 10;
/// An emergency response begins here (NEWS2, RCP 2017, chart 2).
const EMERGENCY: u8 = 7;
/// Signs in the order of the model's features.
const SIGNS: [&str; 4] = ["heart rate", "respiratory rate", "SpO2", "systolic pressure"];

/// Fit a logistic regression on simulated trends, and show how well its chances hold.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TrendArgs {
    /// Simulated patients, 100..=200000: half to fit, half to test.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    patients: u64,
    /// Drives all chance: the same seed gives the same table.
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    /// How far ahead is looked, minutes, 1..=40.
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    ahead: u8,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl TrendArgs {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        if !(100..=200_000).contains(&self.patients) {
            bail!("--patients {} is outside 100..=200000: give another number", self.patients);
        }
        if !(1..=40).contains(&self.ahead) {
            bail!("--ahead {} is outside 1..=40 minutes: give another number", self.ahead);
        }
        let none = "no or every simulated patient became worse: give more --patients";
        let (fitted, tested): (Vec<_>, Vec<_>) =
            (0..self.patients).partition(|idx| idx.is_multiple_of(2));
        let scores = Scores::standard();
        let looks = |patients: Vec<u64>| self.looks(&scores, patients);
        let model = TrendModel::fit(&looks(fitted)).context(none)?;
        let told = looks(tested);
        let told = told.iter().map(|(features, came)| (model.chance(features), *came)).collect();
        let calibration = Calibration::of(told).context(none)?;
        if self.json {
            say::line(self.as_json(&model, &calibration));
        } else {
            self.lines(&model, &calibration).iter().for_each(say::line);
        }
        Ok(())
    }

    /// Trends of those below an emergency with whether they came to one.
    fn looks(&self, scores: &Scores, patients: Vec<u64>) -> Vec<(Features, bool)> {
        let mix = Mix::standard();
        let courses = patients.into_iter().map(|idx| course(&mix, self.seed, idx, EVERY, SPAN));
        courses.flat_map(|course| self.looks_at(scores, &course)).collect()
    }

    fn looks_at(&self, scores: &Scores, course: &[(Timestamp, Vitals)]) -> Vec<(Features, bool)> {
        let ahead = Millis::from_mins(i64::from(self.ahead));
        let news2: Vec<u8> = course.iter().map(|(_, vitals)| news2(scores, vitals)).collect();
        let mut trend = Trend::new(WINDOW);
        let mut looks = Vec::new();
        for (idx, (at, vitals)) in course.iter().enumerate() {
            trend.on_vitals(*at, vitals);
            let until = course.partition_point(|(later, _)| later.since(*at) <= ahead);
            let is_whole = course.last().is_some_and(|(last, _)| last.since(*at) >= ahead);
            if idx % LOOK_EVERY != 0 || !is_whole || news2[idx] >= EMERGENCY {
                continue;
            }
            let came = news2[idx + 1..until].iter().any(|score| *score >= EMERGENCY);
            looks.extend(trend.features().map(|features| (features, came)));
        }
        looks
    }

    fn lines(&self, model: &TrendModel, calibration: &Calibration) -> Vec<String> {
        let n: usize = calibration.bins.iter().map(|bin| bin.n).sum();
        let mut lines = vec![
            format!(
                "NEWS2 of {EMERGENCY} or more within {} min, from the last 10 min; SIMULATED patients, \
                 fitted on one half",
                self.ahead
            ),
            format!(
                "the other half, {n} looks: AUC {:.3}, Brier {:.4} (the share alone {:.4})",
                calibration.auc, calibration.brier, calibration.brier_of_share
            ),
            "tenth of the looks   told   came".to_owned(),
        ];
        let bins = calibration.bins.iter().enumerate();
        lines.extend(bins.map(|(idx, bin)| {
            format!("{:>19} {:>5.1}% {:>5.1}%", idx + 1, 100.0 * bin.told, 100.0 * bin.came)
        }));
        lines.push(format!("weights a standard deviation: intercept {:.2}", model.weights[0]));
        lines.extend(SIGNS.iter().enumerate().map(|(idx, sign)| {
            let (level, slope) = (model.weights[1 + idx], model.weights[1 + SIGNS.len() + idx]);
            format!("  {sign:<18} level {level:>6.2}  slope {slope:>6.2}")
        }));
        lines
    }

    fn as_json(&self, model: &TrendModel, calibration: &Calibration) -> String {
        let bins = calibration.bins.iter();
        let bins = bins.map(|bin| json!({ "n": bin.n, "told": bin.told, "came": bin.came }));
        json!({
            "fitted_on": "simulated patients of data/sim/mix.toml",
            "patients": self.patients,
            "seed": self.seed,
            "ahead_min": self.ahead,
            "auc": calibration.auc,
            "brier": calibration.brier,
            "brier_of_share": calibration.brier_of_share,
            "bins": bins.collect::<Vec<_>>(),
            "weights": model.weights,
        })
        .to_string()
    }
}

fn news2(scores: &Scores, vitals: &Vitals) -> u8 {
    let known = scores.of_vitals(vitals, Spo2Scale::One, None);
    scores.news2(&known).map_or(0, |news2| news2.score)
}
