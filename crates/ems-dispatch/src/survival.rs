//! The chance to survive a cardiac arrest by how long a unit takes.

use serde::Deserialize;

use crate::text::{Source, check_texts, check_unique};

/// The curves of a file: by name, what a response of so many minutes is worth.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurvivalCurves {
    collapse_to_call_min: f64,
    arrival_to_cpr_min: f64,
    arrival_to_shock_min: f64,
    arrival_to_advanced_care_min: f64,
    curves: Vec<Curve>,
    sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Curve {
    name: String,
    link: Link,
    intercept: f64,
    #[serde(default)]
    cpr_per_min: f64,
    #[serde(default)]
    shock_per_min: f64,
    #[serde(default)]
    advanced_care_per_min: f64,
    #[serde(default)]
    response_per_min: f64,
    source: Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Link {
    Linear,
    Logistic,
}

/// The chance to survive as a function of the response alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Survival {
    name: String,
    link: Link,
    intercept: f64,
    per_min: f64,
}

/// A file of curves, or a curve of it, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurvivalError {
    /// The file.
    #[error("survival curves: {0}")]
    File(String),
    /// A curve that the file has not.
    #[error("survival curve \"{name}\" is not one of {known}: choose one of them")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those there are.
        known: String,
    },
}

impl SurvivalCurves {
    /// Reads a file such as `data/dispatch/survival.toml`.
    pub fn parse(text: &str) -> Result<Self, SurvivalError> {
        let own: Self =
            toml::from_str(text).map_err(|error| SurvivalError::File(error.to_string()))?;
        own.check().map_err(SurvivalError::File)?;
        Ok(own)
    }

    /// The curves that ship.
    pub fn standard() -> Self {
        Self::parse(include_str!("../../../data/dispatch/survival.toml"))
            .expect("a test reads the file that ships")
    }

    /// A curve by its name, with the file's clocks around the response.
    pub fn curve(&self, name: &str) -> Result<Survival, SurvivalError> {
        let found = self.curves.iter().find(|curve| curve.name == name);
        let curve = found.ok_or_else(|| SurvivalError::Unknown {
            name: name.chars().take(40).collect(),
            known: self.names().collect::<Vec<_>>().join(", "),
        })?;
        let steps = [
            (curve.cpr_per_min, self.arrival_to_cpr_min),
            (curve.shock_per_min, self.arrival_to_shock_min),
            (curve.advanced_care_per_min, self.arrival_to_advanced_care_min),
        ];
        let beside = |(per_min, after): (f64, f64)| per_min * (self.collapse_to_call_min + after);
        Ok(Survival {
            name: curve.name.clone(),
            link: curve.link,
            intercept: curve.intercept + steps.into_iter().map(beside).sum::<f64>(),
            per_min: curve.response_per_min + steps.iter().map(|(per_min, _)| per_min).sum::<f64>(),
        })
    }

    /// The names of the curves.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.curves.iter().map(|curve| curve.name.as_str())
    }

    fn check(&self) -> Result<(), String> {
        let sources: Vec<_> = self.curves.iter().map(|curve| curve.source.clone()).collect();
        check_texts([], &sources)?;
        check_texts([], &self.sources)?;
        check_unique("curve", self.names())?;
        let rises = |curve: &&Curve| {
            let slopes = [curve.cpr_per_min, curve.shock_per_min, curve.response_per_min];
            slopes.into_iter().chain([curve.advanced_care_per_min]).any(|slope| slope > 0.0)
        };
        self.curves.iter().find(rises).map_or(Ok(()), |curve| {
            Err(format!(
                "curve \"{}\" rises with time: write what a minute costs below 0",
                curve.name
            ))
        })
    }
}

impl Survival {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The chance (0 to 1) where a unit arrives so many minutes after the call came in.
    pub fn chance(&self, response_min: f64) -> f64 {
        let score = self.intercept + self.per_min * response_min;
        match self.link {
            Link::Linear => score.clamp(0.0, 1.0),
            Link::Logistic => 1.0 / (1.0 + (-score).exp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curves_that_ship_are_those_of_their_papers() {
        let curves = SurvivalCurves::standard();
        // With all clocks at once: 67 % less 5.5 % a minute; the clocks beside cost 0.178.
        for (name, minutes, chance) in [
            ("larsen", 0.0, 0.67 - 0.023 * 2.0 - 0.011 * 3.0 - 0.021 * 6.0),
            ("larsen", 4.0, 0.67 - 0.023 * 6.0 - 0.011 * 7.0 - 0.021 * 10.0),
            ("larsen", 30.0, 0.0),
            ("valenzuela", 0.0, 1.0 / (1.0 + (-0.260f64 + 0.106 * 2.0 + 0.139 * 3.0).exp())),
            ("de-maio", 5.0, 1.0 / (1.0 + (0.679f64 + 0.262 * 5.0).exp())),
        ] {
            let curve = curves.curve(name).unwrap();
            assert!((curve.chance(minutes) - chance).abs() < 1e-12, "{name} {minutes}");
        }
        let unknown = curves.curve("smith").unwrap_err().to_string();
        assert!(unknown.ends_with("larsen, valenzuela, de-maio: choose one of them"), "{unknown}");
    }

    #[test]
    fn a_curve_that_rises_or_names_no_source_is_refused() {
        let text = include_str!("../../../data/dispatch/survival.toml");
        for (from, to, said) in [
            ("cpr_per_min = -0.023", "cpr_per_min = 0.023", "rises with time"),
            ("name = \"valenzuela\"", "name = \"larsen\"", "comes twice"),
            ("[[sources]]", "[[source]]", "source"),
        ] {
            let error = SurvivalCurves::parse(&text.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
