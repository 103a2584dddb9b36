//! Hourly calls of New York's boroughs: days forecast, then spread over their hours, beside the mean
//! of the same hour of the week.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use ems_forecast::{
    Calendar, Calls, Intensity, Settings, Smoothing, Table, forecast, mean_pinball, quantiles,
};
use ems_model::{Date, HourOfWeek, Millis, Position, Timestamp};

use crate::data;

const BOROUGHS: [&str; 6] = ["BRONX", "BROOKLYN", "MANHATTAN", "QUEENS", "RICHMOND", "UNKNOWN"];
const FIRST_COLUMN: usize = 7;
const HORIZON_DAYS: i32 = 84;
/// What an hour-of-week mean looks back on.
const WEEKS: [i32; 2] = [8, 52];

type Hours = BTreeMap<(i32, u8), [u32; 6]>;

pub(crate) fn run() -> Result<()> {
    let hours = hours()?;
    let calendar = Calendar::parse(include_str!("../../../data/holidays/usa.toml"))?;
    let history = Table::parse(&days_of(&hours)?, &[])?.history;
    println!("\nNew York: squared error and mean pinball an hour of a borough, of a day of all");
    println!("| forecast | hour: mse | hour: pinball | day of all: mse | day of all: pinball |");
    println!("|---|---|---|---|---|");
    let mut scores: BTreeMap<String, [f64; 5]> = BTreeMap::new();
    let first_origin = Date::new(2012, 1, 2).context("a date")?;
    for origin in (0..24).map(|nth| first_origin + nth * 98) {
        let ahead =
            forecast(&history, &calendar, origin, HORIZON_DAYS as usize, &Settings::default())?;
        let intensity = intensity(&hours, origin)?;
        for lead in 0..HORIZON_DAYS {
            let date = origin + lead;
            let whole: Vec<&[u32; 6]> =
                (0..24).filter_map(|h| hours.get(&(date.days(), h))).collect();
            if whole.len() < 24 {
                continue;
            }
            let total: u32 = whole.iter().flat_map(|hour| hour.iter()).sum();
            let day = ahead.series.last().context("a total")?.days[lead as usize];
            let ours = scores.entry("ours".to_owned()).or_default();
            add(ours, 2, day.mean, &day.quantiles, f64::from(total));
            for (hour, counts) in whole.iter().enumerate() {
                for (borough, &count) in counts.iter().enumerate().take(5) {
                    let of_week = HourOfWeek::new(usize::from(date.weekday()) * 24 + hour)
                        .context("an hour")?;
                    let share = intensity.share_of_day(borough, of_week).context("a borough")?;
                    let hour = ahead.series[borough].days[lead as usize].share(share);
                    add(ours, 0, hour.mean, &hour.quantiles, f64::from(count));
                }
            }
            ours[4] += 1.0;
            for weeks in WEEKS {
                plain(
                    scores.entry(format!("mean of {weeks} weeks")).or_default(),
                    &hours,
                    origin,
                    date,
                    weeks,
                );
            }
        }
    }
    for (name, [mse, pinball, day_mse, day_pinball, n]) in scores {
        let n_hours = n * 24.0 * 5.0;
        println!(
            "| {name} | {:.2} | {:.3} | {:.0} | {:.1} |",
            mse / n_hours,
            pinball / n_hours,
            day_mse / n,
            day_pinball / n
        );
    }
    Ok(())
}

fn add(scores: &mut [f64; 5], at: usize, mean: f64, quantiles: &[f64; 7], count: f64) {
    scores[at] += (mean - count).powi(2);
    scores[at + 1] += mean_pinball(quantiles, count);
}

/// The same hour of the same weekday in the weeks before the origin; its own quantiles.
fn plain(scores: &mut [f64; 5], hours: &Hours, origin: Date, date: Date, weeks: i32) {
    let back = (date.since(origin) / 7 + 1) * 7;
    let past: Vec<i32> = (0..weeks).map(|week| date.days() - back - 7 * week).collect();
    let mut totals = vec![0.0; past.len()];
    let mut total = 0.0;
    for hour in 0..24 {
        let Some(counts) = hours.get(&(date.days(), hour)) else { continue };
        total += counts.iter().map(|&count| f64::from(count)).sum::<f64>();
        for (sum, &day) in totals.iter_mut().zip(&past) {
            let counts = hours.get(&(day, hour)).copied().unwrap_or_default();
            *sum += counts.iter().map(|&count| f64::from(count)).sum::<f64>();
        }
        for borough in 0..5 {
            let seen = past.iter().filter_map(|&day| hours.get(&(day, hour)));
            let mut values: Vec<f64> = seen.map(|counts| f64::from(counts[borough])).collect();
            let (mean, spread) = summary(&mut values);
            add(scores, 0, mean, &spread, f64::from(counts[borough]));
        }
    }
    let (mean, spread) = summary(&mut totals);
    add(scores, 2, mean, &spread, total);
    scores[4] += 1.0;
}

fn summary(values: &mut [f64]) -> (f64, [f64; 7]) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    (mean, quantiles(mean, variance))
}

/// The hours of two years before the origin.
fn intensity(hours: &Hours, origin: Date) -> Result<Intensity> {
    let from = origin + -728;
    let at = |day: i32, hour: u8| {
        Timestamp::from_millis(i64::from(day) * 86_400_000)
            + Millis::from_mins(60 * i64::from(hour))
    };
    let far_apart = (0..6).map(|nth| Position::from_degrees(10.0 * f64::from(nth), 0.0));
    let cells = far_apart.collect::<Result<Vec<_>, _>>()?;
    let mut calls = Calls::watched(cells, at(from.days(), 0), at(origin.days(), 0), 0);
    for (&(day, hour), counts) in hours.range((from.days(), 0)..(origin.days(), 0)) {
        for (borough, &count) in counts.iter().enumerate() {
            for _ in 0..count {
                calls.add(borough, at(day, hour))?;
            }
        }
    }
    let smoothing = Smoothing { hours: 0.1, ..Smoothing::default() };
    Ok(Intensity::learn(&calls, &smoothing))
}

fn hours() -> Result<Hours> {
    let mut hours = Hours::new();
    for line in data::text("nyc_hourly_by_borough.csv.zst")?.lines().skip(1) {
        let values: Vec<&str> = line.split(',').collect();
        let date = Date::new(values[2].parse()?, values[3].parse()?, values[4].parse()?);
        let mut counts = [0; 6];
        for (count, value) in counts.iter_mut().zip(&values[FIRST_COLUMN..]) {
            *count =
                value.trim_end_matches(".0").parse().with_context(|| format!("count {value}"))?;
        }
        hours.insert((date.context("a date")?.days(), values[5].parse()?), counts);
    }
    Ok(hours)
}

/// A day that lacks an hour is missing.
fn days_of(hours: &Hours) -> Result<String> {
    let mut days: BTreeMap<i32, (u8, [u32; 6])> = BTreeMap::new();
    for (&(day, _), counts) in hours {
        let (n_hours, sums) = days.entry(day).or_default();
        *n_hours += 1;
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let mut text = format!("date,{}\n", BOROUGHS.join(","));
    for (day, (_, sums)) in days.into_iter().filter(|(_, (n_hours, _))| *n_hours == 24) {
        let sums = sums.map(|sum| sum.to_string());
        writeln!(text, "{},{}", Date::from_days(day), sums.join(","))?;
    }
    Ok(text)
}
