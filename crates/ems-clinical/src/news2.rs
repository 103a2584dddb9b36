//! NEWS2 (RCP 2017, charts 1 and 2).

use ems_model::{ClinicalRisk, Consciousness, News2, Vitals};
use serde::Deserialize;

use crate::TableError;

/// Which of the two oxygen saturation scales a patient is scored on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spo2Scale {
    /// Scale 1: everyone without an order for scale 2.
    #[default]
    One,
    /// Scale 2: confirmed hypercapnic respiratory failure, target 88 to 92 %, on a clinician's
    /// order only.
    Two,
}

/// The scoring table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct News2Table {
    /// Where the numbers come from.
    pub edition: String,
    /// Whether they were checked against it.
    pub verified: bool,
    score_max: u8,
    on_oxygen: u8,
    not_alert: u8,
    medium_from: u8,
    high_from: u8,
    single_red: u8,
    respiratory_rate: Vec<Band>,
    spo2_scale_1: Vec<Band>,
    spo2_scale_2_on_air: Vec<Band>,
    spo2_scale_2_on_oxygen: Vec<Band>,
    systolic: Vec<Band>,
    heart_rate: Vec<Band>,
    temperature: Vec<Band>,
}

/// Scores what is at or below `up_to` and above the band before it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Band {
    up_to: Option<f64>,
    score: u8,
}

impl News2Table {
    /// The table of the Royal College of Physicians, 2017: `data/clinical/news2.toml`.
    #[expect(clippy::missing_panics_doc, reason = "the table in the tree is tested")]
    pub fn rcp_2017() -> Self {
        let text = include_str!("../../../data/clinical/news2.toml");
        Self::parse(text).expect("the table in the tree is tested to be readable")
    }

    /// Reads a table in the format of `data/clinical/news2.toml`.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let table: Self = toml::from_str(text)?;
        for (parameter, bands) in table.bands() {
            if !rises(bands) {
                return Err(TableError::Bands { parameter });
            }
        }
        Ok(table)
    }

    /// Scores what was measured; `None` while nothing was.
    ///
    /// What is missing adds nothing and is listed, so that the score and its risk are lower bounds.
    pub fn score(&self, vitals: &Vitals, scale: Spo2Scale) -> Option<News2> {
        let scores = self.scores(vitals, scale);
        let measured: Vec<u8> = scores.iter().filter_map(|(_, score)| *score).collect();
        if measured.is_empty() {
            return None;
        }
        let sum = measured.iter().copied().fold(0, u8::saturating_add);
        let score = sum.min(self.score_max);
        let missing = scores.iter().filter(|(_, score)| score.is_none());
        let missing = missing.map(|(name, _)| (*name).to_owned()).collect();
        let has_red = measured.iter().any(|&score| score >= self.single_red);
        Some(News2 { score, risk: self.risk(score, has_red), missing })
    }

    /// Each parameter of chart 1 by name, with its score where it was measured.
    fn scores(&self, vitals: &Vitals, scale: Spo2Scale) -> [(&'static str, Option<u8>); 7] {
        let spo2 = self.spo2_bands(vitals, scale);
        [
            ("respiratory_rate", measured(vitals.respiratory_rate, &self.respiratory_rate)),
            ("spo2", measured(vitals.spo2, spo2)),
            ("on_oxygen", vitals.on_oxygen.map(|is_on| if is_on { self.on_oxygen } else { 0 })),
            ("systolic", measured(vitals.systolic, &self.systolic)),
            ("heart_rate", measured(vitals.heart_rate, &self.heart_rate)),
            ("consciousness", vitals.consciousness.map(|level| self.consciousness(level))),
            ("temperature", measured(tenths(vitals), &self.temperature)),
        ]
    }

    /// Scale 2 on air where nobody said, the lower of its two.
    fn spo2_bands(&self, vitals: &Vitals, scale: Spo2Scale) -> &[Band] {
        match (scale, vitals.on_oxygen) {
            (Spo2Scale::One, _) => &self.spo2_scale_1,
            (Spo2Scale::Two, Some(true)) => &self.spo2_scale_2_on_oxygen,
            (Spo2Scale::Two, _) => &self.spo2_scale_2_on_air,
        }
    }

    fn consciousness(&self, level: Consciousness) -> u8 {
        if level == Consciousness::Alert { 0 } else { self.not_alert }
    }

    /// Chart 2.
    fn risk(&self, score: u8, has_red: bool) -> ClinicalRisk {
        if score >= self.high_from {
            ClinicalRisk::High
        } else if score >= self.medium_from {
            ClinicalRisk::Medium
        } else if has_red {
            ClinicalRisk::LowMedium
        } else {
            ClinicalRisk::Low
        }
    }

    fn bands(&self) -> [(&'static str, &[Band]); 7] {
        [
            ("respiratory_rate", &self.respiratory_rate),
            ("spo2_scale_1", &self.spo2_scale_1),
            ("spo2_scale_2_on_air", &self.spo2_scale_2_on_air),
            ("spo2_scale_2_on_oxygen", &self.spo2_scale_2_on_oxygen),
            ("systolic", &self.systolic),
            ("heart_rate", &self.heart_rate),
            ("temperature", &self.temperature),
        ]
    }
}

/// The temperature in the chart's resolution: 38.04 °C is read as 38.0.
fn tenths(vitals: &Vitals) -> Option<f64> {
    vitals.temperature.map(|temperature| (temperature.get() * 10.0).round() / 10.0)
}

fn measured<T: Into<f64>>(value: Option<T>, bands: &[Band]) -> Option<u8> {
    let value = value?.into();
    let holds = |band: &&Band| band.up_to.is_none_or(|up_to| value <= up_to);
    bands.iter().find(holds).map(|band| band.score)
}

fn rises(bands: &[Band]) -> bool {
    let Some((last, limited)) = bands.split_last() else { return false };
    let limits: Option<Vec<f64>> = limited.iter().map(|band| band.up_to).collect();
    let is_rising = |limits: Vec<f64>| limits.windows(2).all(|pair| pair[0] < pair[1]);
    last.up_to.is_none() && limits.is_some_and(is_rising)
}

#[cfg(test)]
mod tests {
    use ems_model::{Bpm, BreathsPerMin, Celsius, MmHg, OxygenSaturation};

    use super::*;

    /// Chart 1, one row a line: parameter, first and last value of a band, score.
    const CHART_1: &[(&str, f64, f64, u8)] = &[
        ("respiratory_rate", 0.0, 8.0, 3),
        ("respiratory_rate", 9.0, 11.0, 1),
        ("respiratory_rate", 12.0, 20.0, 0),
        ("respiratory_rate", 21.0, 24.0, 2),
        ("respiratory_rate", 25.0, 120.0, 3),
        ("spo2", 0.0, 91.0, 3),
        ("spo2", 92.0, 93.0, 2),
        ("spo2", 94.0, 95.0, 1),
        ("spo2", 96.0, 100.0, 0),
        ("spo2 scale 2 on air", 0.0, 83.0, 3),
        ("spo2 scale 2 on air", 84.0, 85.0, 2),
        ("spo2 scale 2 on air", 86.0, 87.0, 1),
        ("spo2 scale 2 on air", 88.0, 92.0, 0),
        ("spo2 scale 2 on air", 93.0, 100.0, 0),
        ("spo2 scale 2 on oxygen", 0.0, 83.0, 3 + 2),
        ("spo2 scale 2 on oxygen", 84.0, 85.0, 2 + 2),
        ("spo2 scale 2 on oxygen", 86.0, 87.0, 1 + 2),
        ("spo2 scale 2 on oxygen", 88.0, 92.0, 2),
        ("spo2 scale 2 on oxygen", 93.0, 94.0, 1 + 2),
        ("spo2 scale 2 on oxygen", 95.0, 96.0, 2 + 2),
        ("spo2 scale 2 on oxygen", 97.0, 100.0, 3 + 2),
        ("systolic", 0.0, 90.0, 3),
        ("systolic", 91.0, 100.0, 2),
        ("systolic", 101.0, 110.0, 1),
        ("systolic", 111.0, 219.0, 0),
        ("systolic", 220.0, 350.0, 3),
        ("heart_rate", 0.0, 40.0, 3),
        ("heart_rate", 41.0, 50.0, 1),
        ("heart_rate", 51.0, 90.0, 0),
        ("heart_rate", 91.0, 110.0, 1),
        ("heart_rate", 111.0, 130.0, 2),
        ("heart_rate", 131.0, 300.0, 3),
        ("temperature", 10.0, 35.0, 3),
        ("temperature", 35.1, 36.0, 1),
        ("temperature", 36.1, 38.0, 0),
        ("temperature", 38.1, 39.0, 1),
        ("temperature", 39.1, 47.0, 2),
    ];

    fn vitals(parameter: &str, value: f64) -> (Vitals, Spo2Scale) {
        let mut vitals = Vitals::default();
        match parameter {
            "respiratory_rate" => vitals.respiratory_rate = BreathsPerMin::try_from(value).ok(),
            "systolic" => vitals.systolic = MmHg::try_from(value).ok(),
            "heart_rate" => vitals.heart_rate = Bpm::try_from(value).ok(),
            "temperature" => vitals.temperature = Celsius::try_from(value).ok(),
            _ => vitals.spo2 = OxygenSaturation::try_from(value).ok(),
        }
        let is_two = parameter.contains("scale 2");
        vitals.on_oxygen = is_two.then_some(parameter.ends_with("on oxygen"));
        (vitals, if is_two { Spo2Scale::Two } else { Spo2Scale::One })
    }

    #[test]
    fn each_band_of_chart_1_scores_what_it_says_at_both_ends() {
        let table = News2Table::rcp_2017();
        for &(parameter, first, last, score) in CHART_1 {
            for value in [first, last] {
                let (vitals, scale) = vitals(parameter, value);
                let news2 = table.score(&vitals, scale).unwrap();
                assert_eq!(news2.score, score, "{parameter} {value}");
            }
        }
    }

    #[test]
    fn oxygen_scores_two_and_anything_but_alert_three() {
        let table = News2Table::rcp_2017();
        let score = |vitals| table.score(&vitals, Spo2Scale::One).unwrap().score;
        for (on_oxygen, expected) in [(true, 2), (false, 0)] {
            let vitals = Vitals { on_oxygen: Some(on_oxygen), ..Vitals::default() };
            assert_eq!(score(vitals), expected);
        }
        for (level, expected) in [
            (Consciousness::Alert, 0),
            (Consciousness::Confusion, 3),
            (Consciousness::Voice, 3),
            (Consciousness::Pain, 3),
            (Consciousness::Unresponsive, 3),
        ] {
            let vitals = Vitals { consciousness: Some(level), ..Vitals::default() };
            assert_eq!(score(vitals), expected, "{level:?}");
        }
    }

    #[test]
    fn chart_2_assigns_the_risk_and_a_single_red_score_lifts_it() {
        let table = News2Table::rcp_2017();
        for (score, has_red, risk) in [
            (0, false, ClinicalRisk::Low),
            (4, false, ClinicalRisk::Low),
            (3, true, ClinicalRisk::LowMedium),
            (4, true, ClinicalRisk::LowMedium),
            (5, false, ClinicalRisk::Medium),
            (6, true, ClinicalRisk::Medium),
            (7, false, ClinicalRisk::High),
            (20, true, ClinicalRisk::High),
        ] {
            assert_eq!(table.risk(score, has_red), risk, "{score}, red {has_red}");
        }
    }

    #[test]
    fn what_was_not_measured_is_listed_and_nothing_at_all_has_no_score() {
        let table = News2Table::rcp_2017();
        assert_eq!(table.score(&Vitals::default(), Spo2Scale::One), None);
        let vitals = Vitals { heart_rate: Bpm::new(72).ok(), ..Vitals::default() };
        let news2 = table.score(&vitals, Spo2Scale::One).unwrap();
        let missing =
            ["respiratory_rate", "spo2", "on_oxygen", "systolic", "consciousness", "temperature"];
        assert_eq!((news2.score, news2.risk), (0, ClinicalRisk::Low));
        assert_eq!(news2.missing, missing);
    }

    #[test]
    fn the_worst_patient_scores_twenty() {
        let vitals = Vitals {
            heart_rate: Bpm::new(131).ok(),
            respiratory_rate: BreathsPerMin::new(25).ok(),
            spo2: OxygenSaturation::new(91).ok(),
            on_oxygen: Some(true),
            systolic: MmHg::new(90).ok(),
            diastolic: None,
            temperature: Celsius::new(35.0).ok(),
            consciousness: Some(Consciousness::Voice),
        };
        let news2 = News2Table::rcp_2017().score(&vitals, Spo2Scale::One).unwrap();
        assert_eq!((news2.score, news2.risk), (20, ClinicalRisk::High));
        assert!(news2.missing.is_empty());
    }

    #[test]
    fn a_table_with_a_hole_is_refused() {
        let text = include_str!("../../../data/clinical/news2.toml");
        let upside_down = text.replace("up_to = 8\n", "up_to = 12\n");
        let error = News2Table::parse(&upside_down).unwrap_err().to_string();
        assert_eq!(
            error,
            "bands of respiratory_rate must rise, and only the last must lack \"up_to\": correct the file"
        );
        assert!(News2Table::parse(&text.replace("on_oxygen = 2\n", "")).is_err());
    }
}
