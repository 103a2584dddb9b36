use std::fmt::Write as _;

use ems_forecast::{
    Calendar, ForecastError, SeriesHours, Settings, Shaping, Table, forecast_hours,
};
use ems_model::Date;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_pcg::Pcg64Mcg;

use crate::world::{FIRST, day};

/// Calls of a part in an hour: nights are quiet, the evenings of Friday and Saturday are not.
fn rate(part: usize, date: Date, hour: usize) -> f64 {
    let by_day = if hour < 8 { 1.0 } else { 3.0 };
    let evening = [4, 5].contains(&date.weekday()) && hour >= 20;
    (part + 1) as f64 * by_day * if evening { 2.0 } else { 1.0 }
}

/// Parts A and B, a row an hour; and the same as a row a call.
fn both_layouts(n_days: i32, seed: u64) -> [String; 2] {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let [mut columns, mut calls] = ["date,hour,A,B\n", "part,time\n"].map(str::to_owned);
    for ahead in 0..n_days {
        let date = day(FIRST) + ahead;
        for hour in 0..24 {
            let count =
                [0, 1].map(|part| Poisson::new(rate(part, date, hour)).unwrap().sample(&mut rng));
            writeln!(columns, "{date},{hour},{},{}", count[0], count[1]).unwrap();
            for (name, count) in ["A", "B"].iter().zip(count) {
                for nth in 0..count as u32 {
                    writeln!(calls, "{name},{date} {hour:02}:{:02}:00", nth % 60).unwrap();
                }
            }
        }
    }
    [columns, calls]
}

fn ahead(table: &Table, origin: Date) -> Result<Vec<SeriesHours>, ForecastError> {
    let (settings, shaping) = (Settings::default(), Shaping::default());
    let (days, hours) =
        forecast_hours(table, &Calendar::default(), origin, 14, &settings, &shaping)?;
    for (days, hours) in days.series.iter().zip(&hours) {
        for (day, hours) in days.days.iter().zip(hours.hours.chunks(24)) {
            let sum: f64 = hours.iter().map(|hour| hour.mean).sum();
            assert!((sum - day.mean).abs() < 1e-9 * day.mean, "{}: {day:?}", days.name);
        }
    }
    Ok(hours)
}

#[test]
fn hours_of_calls_and_of_counts_are_the_same_and_have_the_shape_that_they_had() {
    let [columns, calls] = both_layouts(214, 3);
    let columns = Table::parse(&columns, &[]).unwrap();
    let calls = Table::parse(&calls, &["part".to_owned()]).unwrap();
    assert_eq!(columns, calls);
    let origin = day(FIRST) + 200;
    let hours = ahead(&columns, origin).unwrap();
    assert_eq!(hours.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["A", "B", "TOTAL"]);
    let (mut within, mut n) = (0.0, 0.0);
    for (at, series) in hours.iter().enumerate().take(2) {
        for (nth, hour) in series.hours.iter().enumerate() {
            let rate = rate(at, hour.date, hour.hour);
            assert!((hour.mean / rate - 1.0).abs() < 0.35, "{hour:?} for {rate}");
            assert!(hour.quantiles.is_sorted());
            let sum = hours[0].hours[nth].mean + hours[1].hours[nth].mean;
            assert!((sum - hours[2].hours[nth].mean).abs() < 1e-9, "{hour:?}");
            let known = &columns.history.series()[at];
            let count = f64::from(columns.hours.as_ref().unwrap().of(known, hour.date)[hour.hour]);
            within += f64::from(u8::from((hour.quantiles[1]..=hour.quantiles[5]).contains(&count)));
            n += 1.0;
        }
    }
    // Whole numbers: the interval holds more than it must.
    assert!((0.8..0.96).contains(&(within / n)), "{}", within / n);
}

#[test]
fn a_day_that_lacks_an_hour_is_missing_and_days_have_no_hours() {
    let [columns, _] = both_layouts(40, 4);
    let lacking: Vec<&str> =
        columns.lines().filter(|line| !line.starts_with("2015-10-05,2,")).collect();
    let table = Table::parse(&lacking.join("\n"), &[]).unwrap();
    let counts = &table.history.series()[0].counts;
    assert_eq!(counts.iter().position(Option::is_none), Some(4));
    assert_eq!(counts.iter().flatten().count(), 39);
    assert!(ahead(&table, day(FIRST) + 40).is_ok());
    let days = Table::parse("date,A\n2018-01-01,3\n", &[]).unwrap();
    assert_eq!(ahead(&days, day("2018-01-02")), Err(ForecastError::NoHours));
}
