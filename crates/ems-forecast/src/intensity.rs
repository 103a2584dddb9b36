//! Where calls come from, and at which hour: the mean number of calls of each cell of a map in each
//! hour of the week, for staffing and relocation.
//!
//! A cell is known by few calls, an hour of a cell by fewer. So the week of all cells is smoothed over
//! its hours, a cell's rate is drawn towards that of its neighbours, and a cell's own hours of the
//! day towards those of all: each a gamma prior whose weight is a [`Smoothing`].

use ems_model::{HOURS_A_WEEK, HourOfWeek, Millis, Position, Timestamp};

/// Calls counted by cell and hour of the week.
#[derive(Debug, Clone, PartialEq)]
pub struct Calls {
    cells: Vec<Position>,
    counts: Vec<Week>,
    /// How long each hour of the week was watched, hours.
    watched: Week,
    utc_offset_mins: i32,
}

type Week = [f64; HOURS_A_WEEK];

/// A call of a cell that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cell {cell} is outside 0..{n_cells}: number cells as they were given")]
pub struct NoSuchCell {
    /// Which was meant.
    pub cell: usize,
    /// How many there are.
    pub n_cells: usize,
}

/// How strongly what is known of few calls is drawn towards what is known of many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Smoothing {
    /// Standard deviation of the kernel over hours of the week, hours.
    pub hours: f64,
    /// Standard deviation of the kernel over neighbours, kilometres.
    pub radius_km: f64,
    /// How many calls the neighbours of a cell weigh.
    pub neighbour_calls: f64,
    /// How many expected calls the hours of all cells weigh in each hour of the day of one.
    pub hour_calls: f64,
}

impl Default for Smoothing {
    /// As halves of the Rio and Friuli calls chose (docs/forecast.md).
    fn default() -> Self {
        Self { hours: 1.0, radius_km: 1.0, neighbour_calls: 0.5, hour_calls: 60.0 }
    }
}

const HOUR_MILLIS: i64 = 3_600_000;
const HOURS_A_DAY: usize = 24;

impl Calls {
    /// No calls yet, of cells around those centres, watched from one point in time to another;
    /// hours are those of a clock so far ahead of UTC.
    pub fn watched(
        cells: Vec<Position>,
        from: Timestamp,
        to: Timestamp,
        utc_offset_mins: i32,
    ) -> Self {
        let mut watched = [0.0; HOURS_A_WEEK];
        for_each_hour(from, to, utc_offset_mins, |hour, share| watched[hour] += share);
        let counts = vec![[0.0; HOURS_A_WEEK]; cells.len()];
        Self { cells, counts, watched, utc_offset_mins }
    }

    /// Counts a call.
    pub fn add(&mut self, cell: usize, at: Timestamp) -> Result<(), NoSuchCell> {
        let n_cells = self.cells.len();
        let week = self.counts.get_mut(cell).ok_or(NoSuchCell { cell, n_cells })?;
        week[HourOfWeek::of(at, self.utc_offset_mins).get()] += 1.0;
        Ok(())
    }
}

/// The mean number of calls of each cell and hour of the week.
#[derive(Debug, Clone, PartialEq)]
pub struct Intensity {
    an_hour: Vec<Week>,
    utc_offset_mins: i32,
}

impl Intensity {
    /// Learns from counted calls. Costs the square of the number of cells.
    pub fn learn(calls: &Calls, smoothing: &Smoothing) -> Self {
        let all = weekly_shape(calls, smoothing.hours);
        let a_week = cell_rates(calls, smoothing);
        let hours = |(counts, rate): (&Week, f64)| {
            let expected = all.map(|share| rate * share);
            own_hours(counts, &calls.watched, &expected, smoothing.hour_calls)
        };
        let an_hour = calls.counts.iter().zip(a_week).map(hours).collect();
        Self { an_hour, utc_offset_mins: calls.utc_offset_mins }
    }

    /// Calls expected of a cell from one point in time to another; `None` of a cell there is not.
    /// Costs at most 168 steps.
    pub fn mean(&self, cell: usize, from: Timestamp, to: Timestamp) -> Option<f64> {
        let week = self.an_hour.get(cell)?;
        let mut sum = 0.0;
        for_each_hour(from, to, self.utc_offset_mins, |hour, hours| sum += hours * week[hour]);
        Some(sum)
    }

    /// Which share of its day's calls an hour has in a cell, 0..=1: spreads a forecast of a day
    /// over its hours ([`crate::Day::share`]). `None` of a cell there is not.
    pub fn share_of_day(&self, cell: usize, hour: HourOfWeek) -> Option<f64> {
        let week = self.an_hour.get(cell)?;
        let first = hour.get() / HOURS_A_DAY * HOURS_A_DAY;
        let day: f64 = week[first..first + HOURS_A_DAY].iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "a day has 24 hours")]
        let even = 1.0 / HOURS_A_DAY as f64;
        Some(if day > 0.0 { week[hour.get()] / day } else { even })
    }
}

/// Tells hours of the week and how many hours of each lie between, whole weeks at once.
fn for_each_hour(
    from: Timestamp,
    to: Timestamp,
    offset_mins: i32,
    mut tell: impl FnMut(usize, f64),
) {
    let week_millis = HOUR_MILLIS * i64::try_from(HOURS_A_WEEK).expect("168 is small");
    let n_weeks = to.since(from).get().max(0) / week_millis;
    if n_weeks > 0 {
        #[expect(clippy::cast_precision_loss, reason = "time has fewer than 2^52 weeks")]
        (0..HOURS_A_WEEK).for_each(|hour| tell(hour, n_weeks as f64));
    }
    let mut at = from + Millis::new(n_weeks * week_millis);
    while at < to {
        let local_millis = at.as_micros() / 1000 + i64::from(offset_mins) * 60_000;
        let left = HOUR_MILLIS - local_millis.rem_euclid(HOUR_MILLIS);
        let next = (at + Millis::new(left)).min(to);
        tell(HourOfWeek::of(at, offset_mins).get(), next.since(at).as_secs_f64() / 3600.0);
        at = next;
    }
}

/// Which share of a week's calls each hour of the week has, over all cells; their sum is 1.
fn weekly_shape(calls: &Calls, kernel_hours: f64) -> Week {
    let total = |hour: usize| calls.counts.iter().map(|week| week[hour]).sum::<f64>();
    let rate = |hour: usize| ratio(total(hour), calls.watched[hour]);
    let rates: Vec<f64> = (0..HOURS_A_WEEK).map(rate).collect();
    let mut shape = std::array::from_fn(|hour| smoothed(&rates, hour, kernel_hours));
    let sum: f64 = shape.iter().sum();
    for share in &mut shape {
        #[expect(clippy::cast_precision_loss, reason = "a week has 168 hours")]
        let even = 1.0 / HOURS_A_WEEK as f64;
        *share = if sum > 0.0 { *share / sum } else { even };
    }
    shape
}

/// The mean around an hour, the week being a circle.
fn smoothed(rates: &[f64], hour: usize, kernel_hours: f64) -> f64 {
    const REACH: u8 = 12;
    let (mut sum, mut weights) = (rates[hour], 1.0);
    for far in 1..=REACH {
        let weight = (-0.5 * (f64::from(far) / kernel_hours).powi(2)).exp();
        let far = usize::from(far);
        let both = [(hour + far) % HOURS_A_WEEK, (hour + HOURS_A_WEEK - far) % HOURS_A_WEEK];
        sum += weight * both.iter().map(|&at| rates[at]).sum::<f64>();
        weights += 2.0 * weight;
    }
    sum / weights
}

/// Calls a week of each cell, drawn towards those of its neighbours.
fn cell_rates(calls: &Calls, smoothing: &Smoothing) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a week has 168 hours")]
    let n_weeks = calls.watched.iter().sum::<f64>() / HOURS_A_WEEK as f64;
    let counts: Vec<f64> = calls.counts.iter().map(|week| week.iter().sum()).collect();
    let rate = |cell: usize| {
        let around = around(&calls.cells, &counts, cell, smoothing.radius_km);
        let weight = smoothing.neighbour_calls;
        ratio(around * (counts[cell] + weight), n_weeks * (around + weight))
    };
    (0..counts.len()).map(rate).collect()
}

/// The mean count of a cell and those around it, near ones weighing more, and a little of all:
/// where no call came yet, one may.
fn around(cells: &[Position], counts: &[f64], cell: usize, radius_km: f64) -> f64 {
    const ALL: f64 = 0.05;
    #[expect(clippy::cast_precision_loss, reason = "cells are few")]
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let (mut sum, mut weights) = (ALL * mean, ALL);
    for (other, &count) in cells.iter().zip(counts) {
        let km = cells[cell].metres_to(*other) / 1000.0;
        let weight = (-0.5 * (km / radius_km).powi(2)).exp();
        sum += weight * count;
        weights += weight;
    }
    sum / weights
}

/// The hours of a cell: what all cells say, times what its own calls say of each hour of the day.
fn own_hours(counts: &Week, watched: &Week, expected: &Week, weight: f64) -> Week {
    let mut factors = [1.0; HOURS_A_DAY];
    for (of_day, factor) in factors.iter_mut().enumerate() {
        let hours = (of_day..HOURS_A_WEEK).step_by(HOURS_A_DAY);
        let (seen, due) = hours.fold((weight, weight), |(seen, due), hour| {
            (seen + counts[hour], due + watched[hour] * expected[hour])
        });
        *factor = if due > 0.0 { seen / due } else { 1.0 };
    }
    std::array::from_fn(|hour| expected[hour] * factors[hour % HOURS_A_DAY])
}

fn ratio(count: f64, exposure: f64) -> f64 {
    if exposure > 0.0 { count / exposure } else { 0.0 }
}
