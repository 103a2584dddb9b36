//! The forecast of a hierarchy: models of each series, combined, reconciled, and as uncertain as
//! their own past errors say.

use ems_model::Date;

use crate::calendar::Calendar;
use crate::drift::{Drift, Monitor};
use crate::dynamic::{Design, Member, Slope, Track};
use crate::history::{History, Series};
use crate::predictive::quantiles;
use crate::reconcile::{Reconciler, Reconciliation};
use crate::spread::Spread;

/// The longest horizon, days.
pub const HORIZON_DAYS_MAX: usize = 731;
/// The fewest days of counts that a series is forecast from.
pub const KNOWN_DAYS_MIN: usize = 28;

/// What is forecast with.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Models whose mean is the forecast of the total, at least one.
    pub members: Vec<Member>,
    /// The same of every other series.
    pub part_members: Vec<Member>,
    /// How parts and sums are made to agree.
    pub reconciliation: Reconciliation,
}

impl Default for Settings {
    /// As rolling origins inside the Welsh days chose (docs/forecast.md).
    fn default() -> Self {
        let slope = Slope { damping: 0.98, step: 0.001 };
        let members = vec![
            Member { memory_days: 18.0, slope: None },
            Member { memory_days: 80.0, slope: Some(slope) },
        ];
        let part_members = vec![Member { memory_days: 40.0, slope: None }];
        Self { members, part_members, reconciliation: Reconciliation::Proportions }
    }
}

/// A forecast of every series, in the history's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The first day forecast.
    pub origin: Date,
    /// One entry a series.
    pub series: Vec<SeriesForecast>,
}

/// The forecast of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesForecast {
    /// Its name.
    pub name: String,
    /// From the origin on.
    pub days: Vec<Day>,
    /// Days before the origin that are missing.
    pub n_missing: usize,
    /// The last drift that its errors showed within eight weeks before the origin.
    pub drift: Option<(Date, Drift)>,
}

/// One day of one series, incidents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// The expected count; sums are the sums of their parts.
    pub mean: f64,
    /// The variance of the count around it.
    pub variance: f64,
    /// Quantiles at [`crate::LEVELS`], in order, none negative.
    pub quantiles: [f64; 7],
}

impl Day {
    /// The calls of an hour or a place that has this share of the day's, 0..=1: each call is one of
    /// them by chance, and the day's own uncertainty is theirs in proportion.
    #[must_use]
    pub fn share(&self, share: f64) -> Self {
        let mean = share * self.mean;
        let variance = share * share * self.variance + (1.0 - share) * mean;
        Self { date: self.date, mean, variance, quantiles: quantiles(mean, variance) }
    }
}

/// A forecast that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForecastError {
    /// Too little is known.
    #[error(
        "series \"{series}\" has {n_known} days before {origin}, fewer than {KNOWN_DAYS_MIN}: \
         give a later origin or a longer history"
    )]
    TooShort {
        /// The series.
        series: String,
        /// Days with a count.
        n_known: usize,
        /// The first day that was to be forecast.
        origin: Date,
    },
    /// Hours asked of days.
    #[error(
        "the file tells days, not hours: give it a column \"hour\", or calls with their \"time\""
    )]
    NoHours,
    /// A map of too many cells, or of none.
    #[error(
        "the map has {n_cells} cells with a call, outside 1..={}: choose other cells",
        crate::CELLS_MAX
    )]
    Cells {
        /// How many.
        n_cells: usize,
    },
    /// A horizon that is not served.
    #[error("a horizon of {days} days is outside 1..={HORIZON_DAYS_MAX}: choose one within")]
    Horizon {
        /// What was asked for.
        days: usize,
    },
    /// An origin so long after the last day that nothing is known of it.
    #[error(
        "{origin} is {days} days after the last day known, more than {HORIZON_DAYS_MAX}: \
         give an earlier origin or a newer file"
    )]
    Stale {
        /// The first day that was to be forecast.
        origin: Date,
        /// Days between.
        days: usize,
    },
}

/// Past mornings on which a forecast is looked back at: one a week.
const MORNINGS_EVERY: usize = 7;
/// Errors older than three years tell nothing of those to come.
const LOOKED_BACK_DAYS: usize = 3 * 364;
/// A past forecast is looked at so far ahead; what lies farther follows the same line.
const PAST_LEADS_MAX: usize = 182;
/// Errors are counted from the third part of a history on, after a month and before a year.
const WARM_UP: (usize, usize) = (28, 365);
/// Errors of fewer calls a day are too far from normal to be watched.
const WATCHED_MEAN_MIN: f64 = 5.0;
/// A drift is told for so long.
const DRIFT_DAYS: i32 = 56;

/// Forecasts `n_days` from `origin`, the first day forecast, by what was known before it.
///
/// Costs about 2 ms a series, member and thousand days of history.
pub fn forecast(
    history: &History,
    calendar: &Calendar,
    origin: Date,
    n_days: usize,
    settings: &Settings,
) -> Result<Forecast, ForecastError> {
    if !(1..=HORIZON_DAYS_MAX).contains(&n_days) {
        return Err(ForecastError::Horizon { days: n_days });
    }
    let known = history.before(origin);
    let gap = check(&known, origin)?;
    let past = Past::new(&known, calendar, gap, n_days, settings);
    let series = (0..known.series().len()).map(|at| past.forecast(&known, at, n_days));
    Ok(Forecast { origin, series: series.collect() })
}

/// Days from the last one known to the origin.
fn check(known: &History, origin: Date) -> Result<usize, ForecastError> {
    for series in known.series() {
        let n_known = series.counts.iter().flatten().count();
        if n_known < KNOWN_DAYS_MIN {
            return Err(ForecastError::TooShort { series: series.name.clone(), n_known, origin });
        }
    }
    let gap = known.series().iter().map(unknown_since).min().unwrap_or(0);
    let is_fresh = gap <= HORIZON_DAYS_MAX;
    is_fresh.then_some(gap).ok_or(ForecastError::Stale { origin, days: gap })
}

/// Days from a series' last count to the origin.
fn unknown_since(series: &Series) -> usize {
    series.counts.iter().rev().take_while(|count| count.is_none()).count()
}

/// Reconciled forecasts of past mornings and of the origin.
struct Past {
    /// Days since the history's first; the last one is the origin's.
    mornings: Vec<usize>,
    /// Of each morning the days ahead, of each day all series.
    ahead: Vec<Vec<Vec<f64>>>,
    one_ahead: Vec<Vec<f64>>,
}

impl Past {
    fn new(
        known: &History,
        calendar: &Calendar,
        gap: usize,
        n_days: usize,
        settings: &Settings,
    ) -> Self {
        let n_known = known.series()[0].counts.len();
        let design = Design::new(known.first(), n_known + n_days, calendar);
        let warm_up = (n_known / 3).clamp(WARM_UP.0, WARM_UP.1).min(n_known);
        let first = warm_up.max(n_known.saturating_sub(LOOKED_BACK_DAYS));
        let mut mornings: Vec<usize> = (first..n_known).step_by(MORNINGS_EVERY).collect();
        mornings.push(n_known);
        let n_leads = (gap + n_days).min(PAST_LEADS_MAX);
        let total = known.series().len() - 1;
        let follow = |(at, series): (usize, &Series)| {
            let track =
                |member: &Member| member.follow(&series.counts, &design, &mornings, n_leads);
            let members = if at == total { &settings.members } else { &settings.part_members };
            combine(members.iter().map(track).collect())
        };
        let tracks: Vec<Track> = known.series().iter().enumerate().map(follow).collect();
        let errors = errors(known, &tracks, first);
        let reconciler = Reconciler::new(settings.reconciliation, known, &errors);
        let one_ahead: Vec<&[f64]> = tracks.iter().map(|track| &*track.one_ahead).collect();
        let one_ahead = reconciled(&reconciler, &one_ahead);
        let of_morning = |at: usize| {
            let base: Vec<&[f64]> = tracks.iter().map(|track| &*track.ahead[at]).collect();
            reconciled(&reconciler, &base)
        };
        let ahead = (0..mornings.len()).map(of_morning).collect();
        Self { mornings, ahead, one_ahead }
    }

    fn forecast(&self, known: &History, at: usize, n_days: usize) -> SeriesForecast {
        let series = &known.series()[at];
        let spread = self.spread(series, at);
        let drift = self.drift(known, at, &spread);
        let spread = if drift.is_some() { spread.drifting() } else { spread };
        let (origin, gap) = (known.end(), unknown_since(series));
        let last = self.ahead.last().expect("the origin is a morning");
        let day = |(lead, means): (usize, &Vec<f64>)| {
            let mean = means[at];
            let variance = spread.variance(mean, gap + lead);
            let date = origin + i32::try_from(lead).expect("a horizon is short");
            Day { date, mean, variance, quantiles: quantiles(mean, variance) }
        };
        SeriesForecast {
            name: series.name.clone(),
            days: last.iter().take(n_days).enumerate().map(day).collect(),
            n_missing: series.counts.iter().filter(|count| count.is_none()).count(),
            drift,
        }
    }

    fn spread(&self, series: &Series, at: usize) -> Spread {
        let mut spread = Spread::default();
        for (morning, ahead) in self.mornings.iter().zip(&self.ahead) {
            for (lead, means) in ahead.iter().enumerate() {
                if let Some(Some(count)) = series.counts.get(morning + lead) {
                    spread.add(means[at], f64::from(*count), lead);
                }
            }
        }
        spread.settled()
    }

    fn drift(&self, known: &History, at: usize, spread: &Spread) -> Option<(Date, Drift)> {
        let mut monitor = Monitor::default();
        let mut last = None;
        for (day, count) in known.series()[at].counts.iter().enumerate().skip(self.mornings[0]) {
            let (Some(count), mean) = (count, self.one_ahead[day][at]) else { continue };
            if mean < WATCHED_MEAN_MIN {
                continue;
            }
            let date = known.first() + i32::try_from(day).expect("a history is short");
            let (count, variance) = (f64::from(*count), spread.variance(mean, 0));
            let [_, q10, .., q90, _] = quantiles(mean, variance);
            let error = (count - mean) / variance.sqrt();
            let drift = monitor.push(date, error, (q10..=q90).contains(&count));
            last = drift.map(|drift| (date, drift)).or(last);
        }
        last.filter(|(date, _)| known.end().since(*date) <= DRIFT_DAYS)
    }
}

fn combine(tracks: Vec<Track>) -> Track {
    let n_members = f64::from(u32::try_from(tracks.len()).expect("members are few"));
    let mut tracks = tracks.into_iter();
    let mut sum = tracks.next().expect("there is a member");
    let add =
        |sum: &mut Vec<f64>, more: &[f64]| sum.iter_mut().zip(more).for_each(|(s, m)| *s += m);
    for track in tracks {
        add(&mut sum.one_ahead, &track.one_ahead);
        sum.ahead.iter_mut().zip(&track.ahead).for_each(|(sum, more)| add(sum, more));
    }
    for values in sum.ahead.iter_mut().chain([&mut sum.one_ahead]) {
        for value in values {
            *value /= n_members;
        }
    }
    sum
}

/// Base errors one day ahead, of days on which all series are known.
fn errors(known: &History, tracks: &[Track], first: usize) -> Vec<Vec<f64>> {
    let of_day = |day: usize| {
        let both = known.series().iter().zip(tracks);
        both.map(|(series, track)| Some(f64::from(series.counts[day]?) - track.one_ahead[day]))
            .collect()
    };
    (first..known.series()[0].counts.len()).filter_map(of_day).collect()
}

/// Of each day all series, from of each series all days.
fn reconciled(reconciler: &Reconciler, base: &[&[f64]]) -> Vec<Vec<f64>> {
    let of_day = |day: usize| {
        let means: Vec<f64> = base.iter().map(|series| series[day]).collect();
        reconciler.reconcile(&means)
    };
    (0..base[0].len()).map(of_day).collect()
}
