//! Virtual sensors: what is computed from readings, with how unsure it is and what it came from.
//!
//! Deviations of inputs are carried through to first order (GUM, JCGM 100:2008, 5.1.2, unverified),
//! the inputs taken for independent.

use ems_model::{
    ChainLink, Derived, DerivedOutcome, DerivedQuantity, Estimate, Millis, WhyMissing,
};

/// What a cuff may be off: the deviation that ISO 81060-2 allows (8 mmHg, unverified).
const CUFF_SD: f64 = 8.0;
/// How far a pressure drifts in a minute, mmHg, as a random walk: the project's own assumption.
const DRIFT_A_MINUTE: f64 = 3.0;

/// One input of a virtual sensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensed {
    /// What it came from, itself first.
    pub chain: Vec<ChainLink>,
    /// The number, or why there is none.
    pub reading: Result<Estimate, WhyMissing>,
}

impl Sensed {
    /// An input that a device measured, or did not: its value, deviation and age.
    pub fn measured(id: &str, reading: Option<(Estimate, Millis)>) -> Self {
        let age = reading.map(|(_, age)| age);
        Self {
            chain: vec![ChainLink { id: id.to_owned(), age }],
            reading: reading.map(|(estimate, _)| estimate).ok_or(WhyMissing::NoInput),
        }
    }
}

/// What a cuff read `age` ago says of the pressure now, mmHg: its deviation grows with its age.
pub fn cuff_pressure(systolic: f64, age: Millis) -> Estimate {
    Estimate { value: systolic, sd: CUFF_SD.hypot(drift(age)) }
}

/// How far a pressure may have drifted since `age` ago, one standard deviation, mmHg.
pub fn drift(age: Millis) -> f64 {
    DRIFT_A_MINUTE * (age.as_secs_f64().max(0.0) / 60.0).sqrt()
}

/// Heart rate over systolic pressure (Allgöwer and Burri, Dtsch Med Wochenschr 1967;92:1947,
/// unverified).
pub fn shock_index(heart_rate: &Sensed, systolic: &Sensed) -> Derived {
    derive(DerivedQuantity::ShockIndex, [heart_rate, systolic], |[rate, pressure]| {
        let value = rate.value / pressure.value;
        let relative = (rate.sd / rate.value).hypot(pressure.sd / pressure.value);
        (pressure.value > 0.0 && rate.value > 0.0)
            .then_some(Estimate { value, sd: value * relative })
    })
}

/// Computes a quantity of inputs; one that is missing makes it missing for the same reason, and a
/// formula that has no answer for bad quality.
pub fn derive<const N: usize>(
    quantity: DerivedQuantity,
    inputs: [&Sensed; N],
    formula: impl FnOnce([Estimate; N]) -> Option<Estimate>,
) -> Derived {
    let chain = inputs.iter().flat_map(|input| input.chain.clone()).collect();
    let why = inputs.iter().find_map(|input| input.reading.err());
    let values = inputs.map(|input| input.reading.unwrap_or(Estimate { value: f64::NAN, sd: 0.0 }));
    let outcome = match why {
        Some(why) => DerivedOutcome::Missing { why },
        None => told(formula(values).ok_or(WhyMissing::BadQuality)),
    };
    Derived { quantity, outcome, chain }
}

/// What a sensor says, as it is told; a number that is none is missing.
fn told(estimate: Result<Estimate, WhyMissing>) -> DerivedOutcome {
    match estimate {
        Ok(known) if known.value.is_finite() && known.sd.is_finite() => {
            DerivedOutcome::Known(known)
        }
        Ok(_) => DerivedOutcome::Missing { why: WhyMissing::BadQuality },
        Err(why) => DerivedOutcome::Missing { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensed(id: &str, value: f64, sd: f64, age: Millis) -> Sensed {
        Sensed::measured(id, Some((Estimate { value, sd }, age)))
    }

    #[test]
    fn a_shock_index_grows_less_sure_with_the_age_of_its_cuff() {
        let heart_rate = sensed("heart_rate", 110.0, 2.0, Millis::new(0));
        let mut last = 0.0;
        for minutes in [0, 1, 4, 9] {
            let age = Millis::from_mins(minutes);
            let systolic = Sensed::measured("systolic", Some((cuff_pressure(100.0, age), age)));
            let told = shock_index(&heart_rate, &systolic);
            let DerivedOutcome::Known(Estimate { value, sd }) = told.outcome else { panic!() };
            assert!((value - 1.1).abs() < 1e-12 && sd > last, "{value} ± {sd}");
            last = sd;
            assert_eq!(told.chain[1], ChainLink { id: "systolic".into(), age: Some(age) });
        }
        // 12.04 mmHg of 100, and 2 of 110.
        assert!(
            (last - 1.1 * (145.0_f64.sqrt() / 100.0).hypot(2.0 / 110.0)).abs() < 1e-9,
            "{last}"
        );
    }

    #[test]
    fn the_deviation_is_that_of_many_draws() {
        let mut state = 7_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            f64::from(u32::try_from(state >> 32).unwrap()) / f64::from(u32::MAX)
        };
        let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        let draws: Vec<f64> =
            (0..20_000).map(|_| (90.0 + 3.0 * normal()) / (120.0 + 8.0 * normal())).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let sd = (draws.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / 20_000.0).sqrt();
        let now = Millis::new(0);
        let (rate, pressure) =
            (sensed("heart_rate", 90.0, 3.0, now), sensed("systolic", 120.0, 8.0, now));
        let DerivedOutcome::Known(told) = shock_index(&rate, &pressure).outcome else { panic!() };
        assert!((told.sd / sd - 1.0).abs() < 0.05, "{} beside {sd}", told.sd);
    }

    #[test]
    fn what_is_missing_makes_it_missing_and_the_chain_says_which() {
        let heart_rate = sensed("heart_rate", 110.0, 2.0, Millis::new(0));
        let told = shock_index(&heart_rate, &Sensed::measured("systolic", None));
        assert_eq!(told.outcome, DerivedOutcome::Missing { why: WhyMissing::NoInput });
        assert_eq!(told.chain[1].age, None);
        let none = sensed("systolic", 0.0, 8.0, Millis::new(0));
        let told = shock_index(&heart_rate, &none);
        assert_eq!(told.outcome, DerivedOutcome::Missing { why: WhyMissing::BadQuality });
    }
}
