//! Days spread over their hours: how many calls each hour of the coming days has.
//!
//! Which share of a day an hour has is known of a series by few calls: so its hours of a weekday are
//! drawn towards its hours of any day with what weekdays change in all series, and those towards
//! the hours of all: Dirichlet priors.

use std::collections::BTreeMap;

use ems_model::Date;

use crate::calendar::Calendar;
use crate::forecast::{Day, Forecast, ForecastError, Settings, forecast};
use crate::history::{History, Series};
use crate::predictive::quantiles;
use crate::table::Table;

/// Calls of a day by hour.
pub(crate) type DayOfHours = [u32; 24];

/// Counts of the past by hour, of each part of a [`History`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    parts: Vec<BTreeMap<Date, DayOfHours>>,
}

/// How the shares of hours are learnt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shaping {
    /// Days after which a call weighs half.
    pub half_life_days: f64,
    /// How many calls a weekday of all series weighs that is like any other day.
    pub weekday_calls: f64,
    /// How many calls the hours of all series weigh in those of one.
    pub series_calls: f64,
}

impl Default for Shaping {
    /// As rolling origins chose (docs/forecast.md).
    fn default() -> Self {
        Self { half_life_days: 364.0, weekday_calls: 5000.0, series_calls: 5000.0 }
    }
}

/// The forecast of a series by hour.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesHours {
    /// Its name.
    pub name: String,
    /// From the origin's hour 0 on, 24 a day.
    pub hours: Vec<Hour>,
}

/// One hour of one series, calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hour {
    /// The day.
    pub date: Date,
    /// The hour on the local clock, 0..24.
    pub hour: usize,
    /// The expected count; sums are the sums of their parts, days of their hours.
    pub mean: f64,
    /// The variance of the count around it.
    pub variance: f64,
    /// Quantiles at [`crate::LEVELS`], in order, none negative.
    pub quantiles: [f64; 7],
}

impl Hour {
    /// The calls of a place that has this share of the hour's, 0..=1: as [`Day::share`].
    #[must_use]
    pub fn share(&self, share: f64) -> Self {
        let mean = share * self.mean;
        let variance = share * share * self.variance + (1.0 - share) * mean;
        Self { mean, variance, quantiles: quantiles(mean, variance), ..*self }
    }
}

impl Hours {
    pub(crate) fn new(parts: Vec<BTreeMap<Date, DayOfHours>>) -> Self {
        Self { parts }
    }

    /// The calls of a series in each hour of a day, which its history must know: of a day that it
    /// does not know, those that happen to be told.
    pub fn of(&self, series: &Series, date: Date) -> [u32; 24] {
        let mut sum = [0; 24];
        for part in series.parts.iter().filter_map(|&part| self.parts.get(part)?.get(&date)) {
            sum.iter_mut().zip(part).for_each(|(sum, count)| *sum += count);
        }
        sum
    }
}

/// Forecasts the days from `origin` on as [`forecast`] does, and their hours.
///
/// # Errors
/// Those of [`forecast`], and a table that does not tell hours.
pub fn forecast_hours(
    table: &Table,
    calendar: &Calendar,
    origin: Date,
    n_days: usize,
    settings: &Settings,
    shaping: &Shaping,
) -> Result<(Forecast, Vec<SeriesHours>), ForecastError> {
    let hours = table.hours.as_ref().ok_or(ForecastError::NoHours)?;
    let ahead = forecast(&table.history, calendar, origin, n_days, settings)?;
    let known = table.history.before(origin);
    let shapes = Shape::learn_all(&known, hours, shaping);
    let mut parts: Vec<Vec<Hour>> = Vec::new();
    let mut all = Vec::new();
    for (at, (series, own)) in known.series().iter().zip(&ahead.series).enumerate() {
        let shape = &shapes[at];
        let is_part = at < known.n_parts();
        let hour = |nth: usize| {
            let day = &own.days[nth / 24];
            let mean = if is_part {
                day.mean * shape.shares[usize::from(day.date.weekday())][nth % 24]
            } else {
                series.parts.iter().map(|&part| parts[part][nth].mean).sum()
            };
            shape.hour(day, nth % 24, mean)
        };
        let of_series: Vec<Hour> = (0..24 * own.days.len()).map(hour).collect();
        if is_part {
            parts.push(of_series.clone());
        }
        all.push(SeriesHours { name: own.name.clone(), hours: of_series });
    }
    Ok((ahead, all))
}

/// By weekday and hour.
type Week = [[f64; 24]; 7];

/// How a series' days spread.
struct Shape {
    /// Of the calls of a day, by its weekday.
    shares: Week,
    /// How much more than by chance the calls of a day gather in some of its hours: 1 if not.
    clumping: f64,
}

impl Shape {
    fn learn_all(known: &History, hours: &Hours, shaping: &Shaping) -> Vec<Self> {
        let weeks: Vec<Week> =
            known.series().iter().map(|series| weighted(known, hours, series, shaping)).collect();
        let all = summed(&weeks[..known.n_parts()]);
        let all_day = drawn(&by_hour(&all), &[1.0 / 24.0; 24], 1.0);
        let all_week = all.map(|day| drawn(&day, &all_day, shaping.weekday_calls));
        let shape = |(series, week): (&Series, &Week)| {
            let day = drawn(&by_hour(week), &all_day, shaping.series_calls);
            let shares: Week = std::array::from_fn(|weekday| {
                let usual: [f64; 24] =
                    std::array::from_fn(|hour| day[hour] * all_week[weekday][hour] / all_day[hour]);
                let usual = drawn(&usual, &usual, 0.0);
                drawn(&week[weekday], &usual, shaping.series_calls)
            });
            let clumping = clumping(known, hours, series, &shares);
            Self { shares, clumping }
        };
        known.series().iter().zip(&weeks).map(shape).collect()
    }

    /// An hour of a day: its share of the day's own uncertainty, and of the calls by chance.
    fn hour(&self, day: &Day, hour: usize, mean: f64) -> Hour {
        let share = if day.mean > 0.0 { mean / day.mean } else { 0.0 };
        let variance = share * share * day.variance + self.clumping * (1.0 - share) * mean;
        Hour { date: day.date, hour, mean, variance, quantiles: quantiles(mean, variance) }
    }
}

/// Counts as shares, drawn towards others with the weight of so many calls.
fn drawn(counts: &[f64; 24], towards: &[f64; 24], calls: f64) -> [f64; 24] {
    let sum: f64 = counts.iter().sum();
    if sum + calls <= 0.0 {
        return *towards;
    }
    std::array::from_fn(|hour| (counts[hour] + calls * towards[hour]) / (sum + calls))
}

fn by_hour(week: &Week) -> [f64; 24] {
    std::array::from_fn(|hour| week.iter().map(|day| day[hour]).sum())
}

fn summed(weeks: &[Week]) -> Week {
    std::array::from_fn(|weekday| {
        std::array::from_fn(|hour| weeks.iter().map(|week| week[weekday][hour]).sum())
    })
}

/// Days that a series knows, with their hours and how long ago they were.
fn known_days<'a>(
    known: &'a History,
    hours: &'a Hours,
    series: &'a Series,
) -> impl Iterator<Item = (Date, [f64; 24])> + 'a {
    let days = (0..).zip(&series.counts).filter(|(_, count)| count.is_some());
    days.map(move |(day, _)| {
        let date = known.first() + day;
        (date, hours.of(series, date).map(f64::from))
    })
}

fn weighted(known: &History, hours: &Hours, series: &Series, shaping: &Shaping) -> Week {
    let mut week = Week::default();
    for (date, counts) in known_days(known, hours, series) {
        let ago = f64::from(known.end().since(date)) / shaping.half_life_days;
        let day = &mut week[usize::from(date.weekday())];
        day.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count * (-ago).exp2());
    }
    week
}

fn clumping(known: &History, hours: &Hours, series: &Series, shares: &Week) -> f64 {
    let (mut seen, mut by_chance) = (0.0, 0.0);
    for (date, counts) in known_days(known, hours, series) {
        let calls: f64 = counts.iter().sum();
        for (count, share) in counts.iter().zip(shares[usize::from(date.weekday())]) {
            seen += (count - calls * share).powi(2);
            by_chance += calls * share * (1.0 - share);
        }
    }
    if by_chance > 0.0 { (seen / by_chance).max(1.0) } else { 1.0 }
}
