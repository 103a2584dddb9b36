//! Limits of rhythms, from `data/ecg/rhythm.toml`, which explains each.

use serde::Deserialize;

use crate::criteria::{Source, rules};

/// All of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file explains each")]
pub struct RhythmRules {
    pub name: String,
    pub(crate) ventricular_fibrillation: VentricularFibrillationRule,
    pub(crate) asystole: AsystoleRule,
    pub(crate) ventricular_run: VentricularRunRule,
    pub(crate) atrial_fibrillation: AtrialFibrillationRule,
    pub(crate) supraventricular_tachycardia: SupraventricularRule,
    pub(crate) rate: BandRule,
}

rules! {
    VentricularFibrillationRule {
        leakage_below: f64,
        crossing_share_above: f64,
        slope_kurtosis_below: f64,
        span_above_mv: f64,
        frequency_above_hz: f64,
        frequency_below_hz: f64,
        windows_to_begin: u32,
        windows_to_end: u32,
    }
    AsystoleRule { silence_s: f64 }
    VentricularRunRule { beats: usize, tachycardia_from: f64 }
    AtrialFibrillationRule {
        intervals: usize,
        differ_above: f64,
        likeness_weight: f64,
        score_to_begin: f64,
        score_to_end: f64,
    }
    SupraventricularRule { beats: usize, rate_from: f64, interval_ratio_below: f64 }
    BandRule { bradycardia_below: f64, tachycardia_above: f64, hysteresis: f64 }
}

impl RhythmRules {
    /// Those that ship.
    #[expect(clippy::missing_panics_doc, reason = "the table in the tree is tested")]
    pub fn standard() -> Self {
        let text = include_str!("../../../../data/ecg/rhythm.toml");
        Self::parse(text).expect("the table in the tree is tested to be readable")
    }

    /// Reads rules in the format of `data/ecg/rhythm.toml`.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
