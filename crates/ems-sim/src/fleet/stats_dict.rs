//! A run's figures under the names that JEMSS gives them.
#![expect(clippy::cast_precision_loss, reason = "days and units are counted by the thousand")]

use std::fmt::Write as _;

use super::city::Priority;
use super::stats::{CallSums, Tally, UnitSums};

/// Share of means that the intervals hold, as JEMSS has it.
const CONFIDENCE: f64 = 0.95;

/// A mean with half the width of its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of its interval; `None` where there is one value alone.
    pub half_width: Option<f64>,
}

impl Estimate {
    /// The mean of independent values that are spread normally; `None` without values.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let half_width =
            (values.len() > 1).then(|| t_97_5(values.len() - 1) * (squares / (n - 1.0) / n).sqrt());
        (!values.is_empty()).then_some(Self { mean, half_width })
    }
}

/// The 97.5 % quantile of Student's t by degrees of freedom: Cornish-Fisher's expansion, right to
/// 0.004 from 3 degrees on (Abramowitz, Stegun 26.7.5; named from memory, checked in the tests).
fn t_97_5(degrees: usize) -> f64 {
    const Z: f64 = 1.959_963_984_540_054;
    match degrees {
        1 => return 12.706_204_736,
        2 => return 4.302_652_730,
        _ => {}
    }
    let v = degrees as f64;
    let g1 = (Z.powi(3) + Z) / 4.0;
    let g2 = (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) / 96.0;
    let g3 = (3.0 * Z.powi(7) + 19.0 * Z.powi(5) + 17.0 * Z.powi(3) - 15.0 * Z) / 384.0;
    let g4 = (79.0 * Z.powi(9) + 776.0 * Z.powi(7) + 1482.0 * Z.powi(5)
        - 1920.0 * Z.powi(3)
        - 945.0 * Z)
        / 92_160.0;
    Z + g1 / v + g2 / v.powi(2) + g3 / v.powi(3) + g4 / v.powi(4)
}

/// The file that JEMSS calls `stats_dict`: each figure's mean over all calls (or units and days),
/// day 0 left out, with half the width of the 95 % interval that the days' means give.
///
/// Distances have no value: a trip's kilometres are not kept. `n_days` are counted from day 1.
/// Keys as in JEMSS.jl's `statsDictFromPeriodStatsList`, joined by `_`, in alphabetic order.
pub fn stats_dict(tally: &Tally, priorities: &[Priority], n_days: usize) -> String {
    let mut rows = unit_rows(tally, n_days);
    rows.extend(call_rows("all", tally.daily(1, n_days)));
    for (rank, priority) in priorities.iter().enumerate() {
        rows.extend(call_rows(&priority.name, tally.daily_of(rank, 1, n_days)));
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    let mut text = format!(
        "misc,,\nconf,numPeriods,periodDuration\n{CONFIDENCE},{n_days},1\n,,\n\
         statsDict,,\nstat,mean,halfWidth\n"
    );
    for Figure { name, mean, daily } in rows {
        let half = Estimate::of(&daily).and_then(|estimate| estimate.half_width);
        let text_of = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        writeln!(text, "{name},{},{}", text_of(mean), text_of(half)).expect("a string takes all");
    }
    text
}

struct Figure {
    name: String,
    mean: Option<f64>,
    /// By day, for the interval.
    daily: Vec<f64>,
}

fn unit_rows(tally: &Tally, n_days: usize) -> Vec<Figure> {
    let days: Vec<&UnitSums> = tally.daily_units(1, n_days).collect();
    let per_unit = 1.0 / tally.n_units() as f64;
    let figures = UnitSums::figures().into_iter().map(|(name, figure)| {
        let daily: Vec<f64> = days.iter().map(|day| figure(day) * per_unit).collect();
        let mean = Estimate::of(&daily).map(|estimate| estimate.mean);
        Figure { name: format!("ambs_avgDaily{name}"), mean, daily }
    });
    let unknown = DISTANCES.iter().map(|name| {
        let name = format!("ambs_avgDaily{name}DistanceKms");
        Figure { name, mean: None, daily: Vec::new() }
    });
    figures.chain(unknown).collect()
}

const DISTANCES: [&str; 5] =
    ["Travel", "GoingToCall", "GoingToHospital", "ReturningToStation", "MovingUpToStation"];

fn call_rows(group: &str, days: impl Iterator<Item = CallSums>) -> Vec<Figure> {
    let days: Vec<_> = days.collect();
    let all = days.iter().fold(CallSums::default(), CallSums::plus);
    let name = |name: &str| format!("calls_{group}_{name}");
    let shares = CallSums::figures().into_iter().map(|(figure, of)| Figure {
        name: name(figure),
        mean: all.share(of(&all)),
        daily: days.iter().filter_map(|day| day.share(of(day))).collect(),
    });
    let daily: Vec<_> = days.iter().map(|day| f64::from(day.n)).collect();
    let mean = Estimate::of(&daily).map(|estimate| estimate.mean);
    shares.chain([Figure { name: name("avgDailyNumCalls"), mean, daily }]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_tables() {
        for (degrees, t) in
            [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (29, 2.045)]
        {
            assert!((t_97_5(degrees) - t).abs() < 0.004, "{degrees}: {}", t_97_5(degrees));
        }
    }

    #[test]
    fn an_interval_needs_two_values() {
        assert_eq!(Estimate::of(&[]), None);
        assert_eq!(Estimate::of(&[2.0]), Some(Estimate { mean: 2.0, half_width: None }));
        let three = Estimate::of(&[1.0, 2.0, 3.0]).unwrap();
        assert!((three.half_width.unwrap() - 4.302_652_730 / 3f64.sqrt()).abs() < 1e-9);
    }
}
