//! What people call about and what their bodies then do: `data/sim/mix.toml`.

use ems_model::Consciousness;
use serde::Deserialize;

use crate::SettingsError;
use crate::chance::{Spread, normal, pick, share};
use rand_pcg::Pcg64Mcg;

const FILE: &str = "mix.toml";

/// Complaints with their weights and courses.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    complaint: Vec<ComplaintMix>,
}

/// One complaint of a mix.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComplaintMix {
    pub(crate) id: String,
    weight: f64,
    age: Ages,
    severity: [f64; 3],
    /// Chance that a minor case stays at home.
    pub(crate) released: f64,
    pub(crate) on_scene: Spread,
    rhythm: [Rhythm; 3],
    pub(crate) worst: Worst,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ages {
    mean: f64,
    sd: f64,
    min: u8,
    max: u8,
}

/// How ill someone is when they call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Minor,
    Serious,
    Critical,
}

/// What the heart does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// Regular, paced by the sinus node.
    Sinus,
    /// Irregular, without P waves.
    AtrialFibrillation,
    /// Sinus rhythm with a raised ST segment.
    StElevation,
    /// Cardiac arrest: coarse chaotic waves.
    VentricularFibrillation,
    /// Cardiac arrest: no waves.
    Asystole,
}

impl Rhythm {
    /// Whether the heart pumps nothing.
    pub fn is_arrest(self) -> bool {
        matches!(self, Self::VentricularFibrillation | Self::Asystole)
    }
}

/// The body at full illness.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Worst {
    pub(crate) heart_rate: f64,
    pub(crate) respiratory_rate: f64,
    pub(crate) spo2: f64,
    pub(crate) systolic: f64,
    pub(crate) diastolic: f64,
    pub(crate) temperature: f64,
    pub(crate) consciousness: Consciousness,
}

impl Mix {
    /// The mix that ships with the program, `data/sim/mix.toml`.
    ///
    /// # Panics
    /// Never: a test parses the shipped file.
    pub fn standard() -> Self {
        let text = include_str!("../../../data/sim/mix.toml");
        Self::parse(text).expect("the shipped file parses, as a test shows")
    }

    /// Reads a file in the form of `data/sim/mix.toml`; unknown keys are errors.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let mix: Self = toml::from_str(text)
            .map_err(|source| SettingsError::Malformed { file: FILE, source })?;
        let invalid = |key: String, limit| SettingsError::Invalid { file: FILE, key, limit };
        if mix.complaint.iter().all(|complaint| complaint.weight <= 0.0) {
            return Err(invalid("weight".to_owned(), "more than 0 for some complaint"));
        }
        for complaint in &mix.complaint {
            if let Some((key, limit)) = complaint.misfit() {
                return Err(invalid(format!("{} of {}", key, complaint.id), limit));
            }
        }
        Ok(mix)
    }

    /// The ids of its complaints.
    pub fn complaints(&self) -> impl Iterator<Item = &str> {
        self.complaint.iter().map(|complaint| complaint.id.as_str())
    }

    /// The complaint of that id; for one that is not in the mix, the first of it stands in.
    pub(crate) fn get(&self, id: &str) -> &ComplaintMix {
        self.complaint.iter().find(|complaint| complaint.id == id).unwrap_or(&self.complaint[0])
    }

    /// Draws a complaint by weight.
    pub(crate) fn draw(&self, rng: &mut Pcg64Mcg) -> &ComplaintMix {
        let weights = self.complaint.iter().map(|complaint| complaint.weight);
        &self.complaint[pick(share(rng), weights).unwrap_or_default()]
    }
}

impl ComplaintMix {
    /// Draws an age in years.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=130 before the cast"
    )]
    pub(crate) fn draw_age(&self, rng: &mut Pcg64Mcg) -> u8 {
        let age = self.age.mean + self.age.sd * normal(rng);
        age.round().clamp(f64::from(self.age.min), f64::from(self.age.max)) as u8
    }

    /// Draws how ill the patient is.
    pub(crate) fn draw_severity(&self, rng: &mut Pcg64Mcg) -> Severity {
        match pick(share(rng), self.severity.iter().copied()) {
            Some(1) => Severity::Serious,
            Some(2) => Severity::Critical,
            _ => Severity::Minor,
        }
    }

    /// What the heart does in a case of that severity.
    pub(crate) fn rhythm(&self, severity: Severity) -> Rhythm {
        self.rhythm[severity as usize]
    }

    fn misfit(&self) -> Option<(&'static str, &'static str)> {
        let is_share = |value: &f64| (0.0..=1.0).contains(value);
        let worst = &self.worst;
        let rules = [
            ("weight", self.weight >= 0.0, "0 or more"),
            ("age", self.age.sd >= 0.0 && self.age.min <= self.age.max, "sd >= 0, min <= max"),
            ("age.max", self.age.max <= 130, "at most 130"),
            ("severity", self.severity.iter().all(is_share), "three chances of 0..=1"),
            ("released", is_share(&self.released), "0..=1"),
            ("on_scene", self.on_scene.is_valid(), "0 < median_s <= p90_s <= 86400"),
            ("worst.heart_rate", (20.0..=220.0).contains(&worst.heart_rate), "20..=220"),
            ("worst.respiratory_rate", (0.0..=60.0).contains(&worst.respiratory_rate), "0..=60"),
            ("worst.spo2", (50.0..=100.0).contains(&worst.spo2), "50..=100"),
            ("worst.systolic", (50.0..=260.0).contains(&worst.systolic), "50..=260"),
            (
                "worst.diastolic",
                (20.0..=worst.systolic).contains(&worst.diastolic),
                "20..=systolic",
            ),
            ("worst.temperature", (28.0..=42.0).contains(&worst.temperature), "28..=42"),
        ];
        rules.into_iter().find(|(_, holds, _)| !holds).map(|(key, _, limit)| (key, limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Purpose, stream};

    #[test]
    fn the_shipped_mix_parses_and_draws_each_complaint() {
        let mix = Mix::standard();
        let mut rng = stream(1, Purpose::Call, 0);
        let mut drawn: Vec<_> = (0..5000).map(|_| mix.draw(&mut rng).id.clone()).collect();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), mix.complaint.len());
    }

    #[test]
    fn a_wrong_number_is_named_with_its_complaint_and_limit() {
        let text = include_str!("../../../data/sim/mix.toml");
        let error = Mix::parse(&text.replacen("released = 0.15", "released = 1.5", 1)).unwrap_err();
        assert_eq!(error.to_string(), "mix.toml: released of burns must be 0..=1: correct it");
    }
}
