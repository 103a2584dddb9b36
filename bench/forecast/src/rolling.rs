//! Days and hours of services beside means of weekdays and of hours of the week: rolling origins.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use ems_forecast::{
    Series, Settings, Shaping, Table, forecast_hours, log_score, mean_pinball, quantiles,
};
use ems_model::Date;

use crate::services::{Service, friuli, new_york, rio};

/// What a mean looks back on.
const WEEKS: [i32; 2] = [8, 26];

/// Squared error, pinball, log score and whether the 80 % interval held: sums, and of how many.
#[derive(Default)]
struct Scores([f64; 5]);

impl Scores {
    fn add(&mut self, mean: f64, variance: f64, quantiles: &[f64; 7], count: u32) {
        let actual = f64::from(count);
        let is_within = (quantiles[1]..=quantiles[5]).contains(&actual);
        let scores = [
            (mean - actual).powi(2),
            mean_pinball(quantiles, actual),
            log_score(mean, variance, count),
            f64::from(u8::from(is_within)),
            1.0,
        ];
        self.0.iter_mut().zip(scores).for_each(|(sum, score)| *sum += score);
    }

    fn row(&self) -> String {
        let [mse, pinball, log, within, n] = self.0;
        let [mse, pinball, log, within] = [mse, pinball, log, within].map(|sum| sum / n);
        format!("{mse:.2} | {pinball:.4} | {log:.4} | {within:.3}")
    }
}

/// By what is scored and by whom.
type Board = BTreeMap<(&'static str, String), Scores>;

pub(crate) fn run() -> Result<()> {
    for service in [new_york()?, friuli()?, rio()?] {
        println!("\n{}: {} origins, {} days", service.name, service.origins.len(), service.n_days);
        println!("| of | forecast | squared error | pinball | log score | within 80 % |");
        println!("|---|---|---|---|---|---|");
        for ((of, by), scores) in score(&service, &Shaping::default())? {
            println!("| {of} | {by} | {} |", scores.row());
        }
        tune(&service)?;
    }
    Ok(())
}

fn score(service: &Service, shaping: &Shaping) -> Result<Board> {
    let mut board = Board::new();
    for &origin in &service.origins {
        score_ours(service, origin, shaping, &mut board)?;
        let known = service.table.history.before(origin);
        for (at, series) in known.series().iter().enumerate() {
            for weeks in WEEKS {
                let by = format!("mean of {weeks} weeks");
                for lead in 0..service.n_days {
                    let plain = Plain { table: &service.table, series, origin, weeks };
                    plain.score(at, origin + lead, &by, &mut board);
                }
            }
        }
    }
    Ok(board)
}

fn score_ours(service: &Service, origin: Date, shaping: &Shaping, board: &mut Board) -> Result<()> {
    let (table, n_days) = (&service.table, usize::try_from(service.n_days)?);
    let settings = Settings::default();
    let (ahead, hours) =
        forecast_hours(table, &service.calendar, origin, n_days, &settings, shaping)?;
    let counted = table.hours.as_ref().context("hours")?;
    for (at, series) in table.history.series().iter().enumerate() {
        for (lead, day) in ahead.series[at].days.iter().enumerate() {
            let Some(count) = actual(table, series, day.date) else { continue };
            let kind = kind(table, at);
            let own = board.entry((kind[0], "ours".to_owned())).or_default();
            own.add(day.mean, day.variance, &day.quantiles, count);
            let own = board.entry((kind[1], "ours".to_owned())).or_default();
            let of_day = &hours[at].hours[24 * lead..24 * lead + 24];
            for (hour, count) in of_day.iter().zip(counted.of(series, day.date)) {
                own.add(hour.mean, hour.variance, &hour.quantiles, count);
            }
        }
    }
    Ok(())
}

fn kind(table: &Table, at: usize) -> [&'static str; 2] {
    let is_part = at < table.history.n_parts();
    if is_part { ["parts, day", "parts, hour"] } else { ["total, day", "total, hour"] }
}

fn actual(table: &Table, series: &Series, date: Date) -> Option<u32> {
    let day = usize::try_from(date.since(table.history.first())).ok()?;
    *series.counts.get(day)?
}

/// The same weekday, and hour of it, in the weeks before the origin.
struct Plain<'a> {
    table: &'a Table,
    /// As known at the origin.
    series: &'a Series,
    origin: Date,
    weeks: i32,
}

impl Plain<'_> {
    fn score(&self, at: usize, date: Date, by: &str, board: &mut Board) {
        let whole = &self.table.history.series()[at];
        let Some(count) = actual(self.table, whole, date) else { return };
        let Some(hours) = &self.table.hours else { return };
        let back = (date.since(self.origin) / 7 + 1) * 7;
        let past = (0..self.weeks).map(|week| date + -(back + 7 * week));
        let past: Vec<Date> =
            past.filter(|&date| actual(self.table, self.series, date).is_some()).collect();
        let kind = kind(self.table, at);
        let days = past.iter().filter_map(|&date| actual(self.table, self.series, date));
        let (mean, variance) = moments(&days.collect::<Vec<_>>());
        let own = board.entry((kind[0], by.to_owned())).or_default();
        own.add(mean, variance, &quantiles(mean, variance), count);
        let own = board.entry((kind[1], by.to_owned())).or_default();
        let past: Vec<[u32; 24]> = past.iter().map(|&date| hours.of(whole, date)).collect();
        for (hour, count) in hours.of(whole, date).into_iter().enumerate() {
            let (mean, variance) = moments(&past.iter().map(|day| day[hour]).collect::<Vec<_>>());
            own.add(mean, variance, &quantiles(mean, variance), count);
        }
    }
}

/// Where no call came, half a one might have.
fn moments(counts: &[u32]) -> (f64, f64) {
    let n = counts.len().max(2) as f64;
    let mean = (counts.iter().map(|&count| f64::from(count)).sum::<f64>() / n).max(0.5 / n);
    let squares = counts.iter().map(|&count| (f64::from(count) - mean).powi(2));
    (mean, (squares.sum::<f64>() / (n - 1.0)).max(mean))
}

/// How settings score on the first third of the origins.
fn tune(service: &Service) -> Result<()> {
    if std::env::var_os("GH_TUNE").is_none() {
        return Ok(());
    }
    let chosen = Shaping::default();
    let mut tried = vec![chosen];
    tried.extend(
        [90.0, 182.0, 1000.0, 4000.0].map(|half_life_days| Shaping { half_life_days, ..chosen }),
    );
    tried.extend(
        [500.0, 1500.0, 15_000.0, 50_000.0]
            .map(|weekday_calls| Shaping { weekday_calls, ..chosen }),
    );
    tried.extend(
        [500.0, 1500.0, 15_000.0, 50_000.0].map(|series_calls| Shaping { series_calls, ..chosen }),
    );
    for shaping in tried {
        let mut board = Board::new();
        for &origin in &service.origins[..service.origins.len() / 3] {
            score_ours(service, origin, &shaping, &mut board)?;
        }
        let of = |kind| board[&(kind, "ours".to_owned())].row();
        println!("  {} / {}: {shaping:?}", of("parts, hour"), of("total, hour"));
    }
    Ok(())
}
