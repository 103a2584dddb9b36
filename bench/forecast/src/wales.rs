//! Daily incidents of Wales: members, their combination, ways to reconcile, intervals.

use anyhow::Result;
use ems_forecast::{
    Calendar, Day, History, Member, Reconciliation, Series, SeriesForecast, Settings, Table,
    forecast, mean_pinball, quantiles,
};
use ems_model::Date;

use crate::data;

const HORIZON_DAYS: usize = 84;
const HALF: usize = 42;
/// The first origin has 13 months behind it, the last one all its 84 days before the file's end.
const FIRST_ORIGIN_DAY: i32 = 406;
const EVERY_DAYS: usize = 14;
/// So many origins have all their days before December 2017.
const N_CALM: usize = 21;

/// Scores of the total and, on average, of the parts; `[total, parts][days 1–42, 43–84]`.
#[derive(Default)]
struct Scores {
    squares: [[f64; 2]; 2],
    pinball: [[f64; 2]; 2],
    within_80: [[f64; 2]; 2],
    within_95: [[f64; 2]; 2],
    n: [[f64; 2]; 2],
}

impl Scores {
    fn add(&mut self, history: &History, forecast: &[SeriesForecast]) {
        for (at, (series, ahead)) in history.series().iter().zip(forecast).enumerate() {
            let kind = usize::from(at < history.n_parts());
            for (lead, day) in ahead.days.iter().enumerate() {
                let place = usize::try_from(day.date.since(history.first())).unwrap_or(usize::MAX);
                if let Some(Some(count)) = series.counts.get(place) {
                    self.add_day(kind, usize::from(lead >= HALF), day, f64::from(*count));
                }
            }
        }
    }

    fn add_day(&mut self, kind: usize, half: usize, day: &Day, count: f64) {
        let q = day.quantiles;
        let within = |low: f64, high: f64| f64::from(u8::from((low..=high).contains(&count)));
        self.squares[kind][half] += (day.mean - count).powi(2);
        self.pinball[kind][half] += mean_pinball(&q, count);
        self.within_80[kind][half] += within(q[1], q[5]);
        self.within_95[kind][half] += within(q[0], q[6]);
        self.n[kind][half] += 1.0;
    }

    fn row(&self, name: &str) -> String {
        let show = |sums: [[f64; 2]; 2], digits: usize| {
            let mean = |k: usize, h: usize| sums[k][h] / self.n[k][h];
            let all = [mean(0, 0), mean(0, 1), mean(1, 0), mean(1, 1)];
            all.map(|value| format!("{value:.digits$}")).join(" | ")
        };
        let [squares, pinball, p80, p95] = [
            show(self.squares, 1),
            show(self.pinball, 2),
            show(self.within_80, 3),
            show(self.within_95, 3),
        ];
        format!("| {name} | {squares} | {pinball} | {p80} | {p95} |")
    }
}

fn origins(history: &History) -> Vec<Date> {
    let last = history.end().since(history.first()) - 84;
    (FIRST_ORIGIN_DAY..=last).step_by(EVERY_DAYS).map(|day| history.first() + day).collect()
}

pub(crate) fn run() -> Result<()> {
    let table = Table::parse(&data::text("wales_daily_by_board.csv.zst")?, &[])?;
    let history = table.history;
    let origins = origins(&history);
    println!(
        "mean squared error, pinball, share within 80 % and 95 %: each of the total, days 1-42"
    );
    println!("and 43-84, then of the boards");
    for (title, origins) in [
        ("all origins", &origins[..]),
        ("origins whose days end before the fall of winter 2017", &origins[..N_CALM]),
    ] {
        println!(
            "\n{title}: {} from {} to {}",
            origins.len(),
            origins[0],
            origins[origins.len() - 1]
        );
        for weeks in [8, 26] {
            let plain = |origin| Ok(weekday_means(&history, origin, weeks));
            println!("{}", row(&format!("weekdays of {weeks} weeks"), &history, origins, plain)?);
        }
        for (name, settings) in tried() {
            let calendar =
                Calendar::parse(include_str!("../../../data/holidays/england-wales.toml"))?;
            let ours =
                |origin| Ok(forecast(&history, &calendar, origin, HORIZON_DAYS, &settings)?.series);
            println!("{}", row(&name, &history, origins, ours)?);
        }
    }
    Ok(())
}

fn tried() -> Vec<(String, Settings)> {
    let chosen = Settings::default();
    let levels = [12.0, 25.0, 40.0, 400.0].map(|memory_days| Member { memory_days, slope: None });
    let singles = chosen.members.iter().copied().chain(levels).map(|member| {
        let slope = if member.slope.is_some() { ", slope" } else { "" };
        let name = format!("memory {} d{slope}", member.memory_days);
        let reconciliation = Reconciliation::MinTrace;
        (name, Settings { members: vec![member], part_members: vec![member], reconciliation })
    });
    let ways = [
        Reconciliation::BottomUp,
        Reconciliation::Ols,
        Reconciliation::WlsStructural,
        Reconciliation::MinTrace,
        Reconciliation::Proportions,
    ];
    let combined = ways.map(|reconciliation| {
        let part_members = chosen.members.clone();
        let settings = Settings { reconciliation, part_members, ..chosen.clone() };
        (format!("both, {reconciliation:?}"), settings)
    });
    singles
        .chain(combined)
        .chain([("both, parts 40 d, Proportions".to_owned(), chosen.clone())])
        .collect()
}

fn row(
    name: &str,
    history: &History,
    origins: &[Date],
    ahead: impl Fn(Date) -> Result<Vec<SeriesForecast>>,
) -> Result<String> {
    let mut scores = Scores::default();
    for &origin in origins {
        scores.add(history, &ahead(origin)?);
    }
    Ok(scores.row(name))
}

/// The mean of each weekday over the last weeks, as uncertain as these days were.
fn weekday_means(history: &History, origin: Date, weeks: usize) -> Vec<SeriesForecast> {
    let known = history.before(origin);
    let of = |series: &Series| {
        let day = |lead: usize| {
            let first = series.counts.len() + lead % 7;
            let past = (1..=weeks).filter_map(|week| series.counts[first - 7 * week]);
            let past: Vec<f64> = past.map(f64::from).collect();
            let mean = past.iter().sum::<f64>() / past.len() as f64;
            let squares = past.iter().map(|count| (count - mean).powi(2));
            let variance = squares.sum::<f64>() / (past.len() - 1) as f64;
            let date = origin + lead as i32;
            Day { date, mean, variance, quantiles: quantiles(mean, variance) }
        };
        let days = (0..HORIZON_DAYS).map(day).collect();
        SeriesForecast { name: series.name.clone(), days, n_missing: 0, drift: None }
    };
    known.series().iter().map(of).collect()
}
