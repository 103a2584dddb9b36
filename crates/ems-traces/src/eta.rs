//! How sure an ETA is: the distribution of the time that a drive takes.

use ems_model::Millis;
use serde::{Deserialize, Serialize};

use crate::descent::least;
use crate::student::{ln_density, quantile};

/// The distribution of drive times around the engine's own, learnt from a fleet's trips.
///
/// With *s* the engine's drive time times `scale`, the median is
///
/// - m = s + `start_s` where s ≥ `start_s`, else 2 √(s · `start_s`): a vehicle that speeds up,
///   cruises and slows down (Kolesar, Walker and Hausner, "Determining the relation between fire
///   engine travel times and travel distances in New York City", Operations Research 23(4), 1975).
///   Their form is in distance, cruising speed *v* and acceleration *a*; here s stands for
///   distance / v and `start_s` for v / a.
///
/// The time is m · exp(c · ε) with ε of Student's t distribution with `dof` degrees of freedom
/// and the coefficient of variation
///
/// - c = √(b0 (b2 + 1) + b1 (b2 + 1) m + b2 m²) / m: an error of its own (b0), errors that add up
///   along the way (b1) and one for the trip as a whole (b2) (Budge, Ingolfsson and Zerom,
///   "Empirical analysis of ambulance travel times: the case of Calgary emergency medical
///   services", Management Science 56(4), 2010).
///
/// Both forms are quoted from memory of these papers and were not checked against the printed
/// text; no parameter is taken from either. There is no default: without trips of its own fleet
/// a city has no model, and shows no interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EtaModel {
    /// What it was learnt from.
    source: String,
    n_trips: usize,
    scale: f64,
    start_s: f64,
    b0: f64,
    b1: f64,
    b2: f64,
    dof: f64,
}

/// A trip that was driven.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trip {
    /// What the engine said.
    pub predicted: Millis,
    /// What it took.
    pub took: Millis,
}

/// Trips that no model can be learnt from, or a model file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EtaError {
    /// Too few.
    #[error("{n_trips} trips with times are too few for an ETA model: give at least {TRIPS_MIN}")]
    TooFew {
        /// Trips with a time predicted and taken.
        n_trips: usize,
    },
    /// Not TOML, an unknown key, or a missing one.
    #[error("ETA model cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A number that makes no sense.
    #[error("ETA model {key} = {value} is outside {min}..={max}: learn the model again")]
    Number {
        /// Its key.
        key: &'static str,
        /// What was written.
        value: f64,
        /// The least that is accepted.
        min: f64,
        /// The greatest that is accepted.
        max: f64,
    },
}

/// The fewest trips that a model is learnt from.
pub const TRIPS_MIN: usize = 50;

/// Degrees of freedom: fewer have no variance, more are as good as a normal distribution.
const DOF: [f64; 2] = [2.0, 200.0];

impl EtaModel {
    /// Learns from trips, those without a positive time left out.
    ///
    /// The median by least absolute error of the logarithm, then the spread by maximum likelihood.
    /// Cost: about 1 ms a trip.
    pub fn learn(source: &str, trips: &[Trip]) -> Result<Self, EtaError> {
        let times: Vec<[f64; 2]> = trips
            .iter()
            .map(|trip| [trip.predicted.as_secs_f64(), trip.took.as_secs_f64()])
            .filter(|times| times.iter().all(|&secs| secs > 0.0))
            .collect();
        let n_trips = times.len();
        if n_trips < TRIPS_MIN {
            return Err(EtaError::TooFew { n_trips });
        }
        let off = |[predicted_s, took_s]: &[f64; 2], [scale, start_s]: [f64; 2]| {
            (took_s / median_s(scale * predicted_s, start_s)).ln()
        };
        let [scale, start_s] =
            least([0.0, 1.0], |p| times.iter().map(|t| off(t, p.map(f64::exp)).abs()).sum())
                .map(f64::exp);
        let errors: Vec<[f64; 2]> = times
            .iter()
            .map(|t| [median_s(scale * t[0], start_s), off(t, [scale, start_s])])
            .collect();
        let spread = least([3.0, 0.0, -4.0, 2.0], |p| cost(&errors, Spread::from_logs(p)));
        let Spread { b, dof } = Spread::from_logs(&spread);
        let source = source.to_owned();
        Ok(Self { source, n_trips, scale, start_s, b0: b[0], b1: b[1], b2: b[2], dof })
    }

    /// Reads and checks a model file.
    pub fn parse(text: &str) -> Result<Self, EtaError> {
        let model: Self = toml::from_str(text)?;
        let within = |key, value: f64, min, max| {
            let holds = (min..=max).contains(&value);
            if holds { Ok(()) } else { Err(EtaError::Number { key, value, min, max }) }
        };
        within("scale", model.scale, 0.1, 10.0)?;
        within("start_s", model.start_s, 0.0, 600.0)?;
        within("b0", model.b0, 0.0, 1e6)?;
        within("b1", model.b1, 0.0, 1e4)?;
        within("b2", model.b2, 0.0, 10.0)?;
        within("dof", model.dof, DOF[0], DOF[1])?;
        Ok(model)
    }

    /// The model as a file.
    ///
    /// # Panics
    /// Never: text and numbers are TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("text and numbers are TOML")
    }

    /// The calibrated ETA: half of the drives take longer.
    ///
    /// `predicted`: the engine's drive time; less than zero counts as zero.
    pub fn median(&self, predicted: Millis) -> Millis {
        millis(self.median_s(predicted))
    }

    /// The time under which a share (0..1, both left out) of the drives stays.
    ///
    /// # Panics
    /// If the share is not between 0 and 1.
    pub fn quantile(&self, predicted: Millis, share: f64) -> Millis {
        assert!(share > 0.0 && share < 1.0, "share {share} is not between 0 and 1");
        let median_s = self.median_s(predicted);
        let variation = self.spread().variation(median_s);
        millis(median_s * (variation * quantile(share, self.dof)).exp())
    }

    /// The shortest and longest time of the middle share (0..1) of the drives.
    ///
    /// # Panics
    /// If the share is not between 0 and 1.
    pub fn interval(&self, predicted: Millis, share: f64) -> [Millis; 2] {
        let tail = (1.0 - share) / 2.0;
        [tail, 1.0 - tail].map(|share| self.quantile(predicted, share))
    }

    /// The model for intervals of one share (0..1), which then cost nothing to speak of.
    ///
    /// # Panics
    /// If the share is not between 0 and 1.
    pub fn for_share(self, share: f64) -> EtaInterval {
        assert!(share > 0.0 && share < 1.0, "share {share} is not between 0 and 1");
        let end = quantile(f64::midpoint(1.0, share), self.dof);
        EtaInterval { model: self, end }
    }

    fn median_s(&self, predicted: Millis) -> f64 {
        median_s(self.scale * predicted.as_secs_f64().max(0.0), self.start_s)
    }

    fn spread(&self) -> Spread {
        Spread { b: [self.b0, self.b1, self.b2], dof: self.dof }
    }
}

/// A model of which the intervals of one share are asked again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct EtaInterval {
    model: EtaModel,
    /// How many coefficients of variation the ends are from the median: the distribution is
    /// symmetric.
    end: f64,
}

impl EtaInterval {
    /// As [`EtaModel::median`].
    pub fn median(&self, predicted: Millis) -> Millis {
        self.model.median(predicted)
    }

    /// As [`EtaModel::interval`].
    pub fn ends(&self, predicted: Millis) -> [Millis; 2] {
        let median_s = self.model.median_s(predicted);
        let end = self.end * self.model.spread().variation(median_s);
        [-end, end].map(|end| millis(median_s * end.exp()))
    }
}

/// Kolesar, Walker and Hausner's form, see [`EtaModel`].
fn median_s(drive_s: f64, start_s: f64) -> f64 {
    if drive_s >= start_s { drive_s + start_s } else { 2.0 * (drive_s * start_s).sqrt() }
}

/// How far times spread around their median.
#[derive(Debug, Clone, Copy)]
struct Spread {
    b: [f64; 3],
    dof: f64,
}

impl Spread {
    fn from_logs(logs: &[f64; 4]) -> Self {
        let [b0, b1, b2, dof] = logs.map(f64::exp);
        Self { b: [b0, b1, b2].map(|b| b.clamp(1e-9, 1e4)), dof: dof.clamp(DOF[0], DOF[1]) }
    }

    /// The coefficient of variation, see [`EtaModel`]; zero where the median is.
    fn variation(&self, median_s: f64) -> f64 {
        let [b0, b1, b2] = self.b;
        let sum = (b0 + b1 * median_s) * (b2 + 1.0) + b2 * median_s * median_s;
        if median_s > 0.0 { sum.sqrt() / median_s } else { 0.0 }
    }
}

/// −ln of the likelihood of `[median, ln(time / median)]`.
fn cost(errors: &[[f64; 2]], spread: Spread) -> f64 {
    let one = |&[median_s, error]: &[f64; 2]| {
        let variation = spread.variation(median_s);
        variation.ln() - ln_density(error / variation, spread.dof)
    };
    errors.iter().map(one).sum()
}

#[expect(clippy::cast_possible_truncation, reason = "drives are far shorter than 2^53 ms")]
fn millis(secs: f64) -> Millis {
    Millis::new((secs.min(1e9) * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> EtaModel {
        EtaModel::parse(
            "source = \"a test\"\nn_trips = 60\nscale = 1.1\nstart_s = 20.0\n\
             b0 = 30.0\nb1 = 1.0\nb2 = 0.01\ndof = 5.0\n",
        )
        .unwrap()
    }

    #[test]
    fn the_median_is_the_calibrated_eta_and_quantiles_rise() {
        let (model, drive) = (model(), Millis::from_secs(300));
        assert_eq!(model.median(drive), Millis::from_secs(350));
        assert!((model.quantile(drive, 0.5) - model.median(drive)).abs() <= Millis::new(1));
        let shares = [0.01, 0.1, 0.5, 0.9, 0.99];
        assert!(shares.map(|share| model.quantile(drive, share)).is_sorted());
        let [first, last] = model.interval(drive, 0.8);
        assert_eq!([first, last], [0.1, 0.9].map(|share| model.quantile(drive, share)));
        let ends = model.clone().for_share(0.8).ends(drive);
        let off = |(a, b): (Millis, Millis)| (a - b).abs() <= Millis::new(1);
        assert!(ends.into_iter().zip([first, last]).all(off), "{ends:?}");
    }

    #[test]
    fn short_drives_take_a_start_and_are_less_sure() {
        let model = model();
        let width = |secs: i64| {
            let drive = Millis::from_secs(secs);
            let [first, last] = model.interval(drive, 0.8).map(Millis::as_secs_f64);
            (last - first) / model.median(drive).as_secs_f64()
        };
        assert!(width(60) > width(300) && width(300) > width(1200), "{} {}", width(60), width(300));
        assert_eq!(model.median(Millis::ZERO), Millis::ZERO);
        assert_eq!(model.interval(Millis::ZERO, 0.9), [Millis::ZERO; 2]);
        assert_eq!(model.median(Millis::from_secs(10)), Millis::new(29_665), "2 √(11 · 20) s");
    }

    #[test]
    fn a_model_file_reads_back_and_absurd_numbers_are_refused() {
        let text = model().to_toml();
        assert_eq!(EtaModel::parse(&text).unwrap(), model());
        let error = EtaModel::parse(&text.replace("dof = 5.0", "dof = 0.5")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "ETA model dof = 0.5 is outside 2..=200: learn the model again"
        );
        assert!(EtaModel::parse(&text.replace("scale = 1.1", "scale = nan")).is_err());
        assert!(EtaModel::parse(&text.replace("dof", "dofs")).is_err());
    }

    #[test]
    fn few_trips_make_no_model() {
        let trip = Trip { predicted: Millis::from_secs(60), took: Millis::from_secs(80) };
        let absurd = Trip { took: Millis::ZERO, ..trip };
        let error = EtaModel::learn("a test", &[[trip; 40], [absurd; 40]].concat()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "40 trips with times are too few for an ETA model: give at least 50"
        );
    }
}
