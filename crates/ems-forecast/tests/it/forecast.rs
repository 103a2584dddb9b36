use ems_forecast::{
    Calendar, ForecastError, KNOWN_DAYS_MIN, Reconciliation, Settings, Table, forecast, quantiles,
};
use proptest::prelude::*;

use crate::world::{FIRST, ahead, columns, day, history, poisson};

const ORIGIN: &str = "2017-10-01";
const DAYS: i32 = 731;
const EVERY_WAY: [Reconciliation; 5] = [
    Reconciliation::BottomUp,
    Reconciliation::Ols,
    Reconciliation::WlsStructural,
    Reconciliation::MinTrace,
    Reconciliation::Proportions,
];

#[test]
fn a_pure_week_is_continued_as_it_was() {
    let week = [100, 90, 80, 85, 95, 120, 110];
    let text = columns(&["A", "B"], DAYS, |part, ahead| {
        week[usize::from((day(FIRST) + ahead).weekday())] + 10 * part as u32
    });
    let forecast = ahead(&history(&text), ORIGIN);
    for day in &forecast.series[0].days {
        let want = f64::from(week[usize::from(day.date.weekday())]);
        assert!((day.mean - want).abs() < 0.01, "{}: {} for {want}", day.date, day.mean);
    }
}

#[test]
fn sums_are_the_sums_of_their_parts_to_the_last_printed_digit() {
    let history = history(&poisson(&["A", "B", "C"], DAYS, 1));
    for reconciliation in EVERY_WAY {
        let settings = Settings { reconciliation, ..Settings::default() };
        let ahead = forecast(&history, &Calendar::default(), day(ORIGIN), 84, &settings).unwrap();
        let [a, b, c, total] = ahead.series.as_slice() else { panic!("{ahead:?}") };
        for (at, of_all) in total.days.iter().enumerate() {
            let printed = |mean: f64| (mean * 1000.0).round();
            let sum: f64 = [a, b, c].map(|part| printed(part.days[at].mean)).iter().sum();
            assert_eq!(printed(of_all.mean), sum, "{reconciliation:?}, {}", of_all.date);
        }
    }
}

#[test]
fn a_hierarchy_of_two_levels_agrees_on_both() {
    let mut text = "board,kind,date,incidents\n".to_owned();
    let flat = poisson(&["N/red", "N/green", "S/red"], DAYS, 2);
    for line in flat.lines().skip(1) {
        let values: Vec<&str> = line.split(',').collect();
        for (part, count) in ["N,red", "N,green", "S,red"].iter().zip(&values[1..]) {
            text += &format!("{part},{},{count}\n", values[0]);
        }
    }
    let by = ["board", "kind"].map(str::to_owned);
    let forecast = ahead(&Table::parse(&text, &by).unwrap().history, ORIGIN);
    let names: Vec<&str> = forecast.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(names, ["N/green", "N/red", "S/red", "N", "S", "TOTAL"]);
    let mean = |at: usize| forecast.series[at].days[40].mean;
    assert!((mean(0) + mean(1) - mean(3)).abs() < 1e-6);
    assert!((mean(2) - mean(4)).abs() < 1e-6);
    assert!((mean(3) + mean(4) - mean(5)).abs() < 1e-6);
}

#[test]
fn shares_of_a_day_add_up_to_it_and_are_as_uncertain_as_it_is() {
    let day = ahead(&history(&poisson(&["A", "B"], DAYS, 8)), ORIGIN).series[2].days[3];
    let [morning, evening] = [0.3, 0.7].map(|share| day.share(share));
    assert!((morning.mean + evening.mean - day.mean).abs() < 1e-9);
    // Of a Poisson day the pieces are Poisson; of a day more uncertain they go together.
    let together = 2.0 * 0.3 * 0.7 * (day.variance - day.mean);
    assert!((morning.variance + evening.variance + together - day.variance).abs() < 1e-9);
    assert_eq!(day.share(1.0), day);
    assert_eq!(day.share(0.0).quantiles, [0.0; 7]);
}

#[test]
fn days_from_the_origin_on_change_nothing() {
    let past = poisson(&["A", "B"], DAYS, 3);
    let future = columns(&["A", "B"], DAYS + 84, |_, ahead| 7777 * u32::from(ahead >= DAYS));
    let later: Vec<&str> = future.lines().skip(1 + DAYS as usize).collect();
    let both = format!("{past}{}\n", later.join("\n"));
    assert_eq!(ahead(&history(&both), ORIGIN), ahead(&history(&past), ORIGIN));
}

#[test]
fn intervals_hold_as_often_as_they_say() {
    let (mut within_80, mut within_95, mut n) = (0, 0, 0);
    for seed in 0..20 {
        let all = history(&poisson(&["A", "B", "C"], DAYS + 84, seed));
        let forecast = ahead(&all, ORIGIN);
        for (series, known) in forecast.series.iter().zip(all.series()) {
            for (day, count) in series.days.iter().zip(&known.counts[DAYS as usize..]) {
                let (count, q) = (f64::from(count.unwrap()), day.quantiles);
                within_80 += usize::from((q[1]..=q[5]).contains(&count));
                within_95 += usize::from((q[0]..=q[6]).contains(&count));
                n += 1;
            }
        }
    }
    let [share_80, share_95] = [within_80, within_95].map(|within| within as f64 / f64::from(n));
    assert!((0.78..0.87).contains(&share_80), "{share_80} of 0.8");
    assert!((0.93..0.98).contains(&share_95), "{share_95} of 0.95");
}

#[test]
fn a_missing_day_is_not_a_day_without_calls() {
    let whole = poisson(&["A", "B"], DAYS, 4);
    let holed = |value: &str| -> String {
        let lines = whole.lines().enumerate().map(|(at, line)| match at {
            700..=720 => format!("{},{value}", line.rsplit_once(',').unwrap().0),
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let [with, empty, zero] =
        [whole.clone(), holed(""), holed("0")].map(|text| ahead(&history(&text), ORIGIN));
    assert_eq!(empty, zero, "a zero of a busy series was not recorded");
    assert_eq!(empty.series.iter().map(|s| s.n_missing).collect::<Vec<_>>(), [0, 21, 21]);
    let mean = |forecast: &ems_forecast::Forecast| forecast.series[1].days[0].mean;
    assert!((mean(&empty) - mean(&with)).abs() < 4.0, "{} {}", mean(&empty), mean(&with));
}

#[test]
fn a_file_that_ends_early_makes_the_origin_less_certain() {
    let wandering = columns(&["A"], DAYS, |_, ahead| {
        let drift = 60.0 * (f64::from(ahead) / 50.0).sin();
        (200.0 + drift + f64::from(ahead * 37 % 41 - 20)) as u32
    });
    let history = history(&wandering);
    let width = |origin: &str| {
        let q = ahead(&history, origin).series[0].days[0].quantiles;
        q[6] - q[0]
    };
    assert!(width("2017-12-31") > width(ORIGIN), "{} {}", width("2017-12-31"), width(ORIGIN));
}

#[test]
fn holidays_are_learnt() {
    let wales = include_str!("../../../../data/holidays/england-wales.toml");
    let calendar = Calendar::parse(wales).unwrap();
    let text = columns(&["A"], DAYS, |_, ahead| {
        100 + ahead as u32 % 2 + 40 * u32::from(calendar.effect(day(FIRST) + ahead) == Some(0))
    });
    let settings = Settings::default();
    let of = |calendar: &Calendar| {
        let ahead = forecast(&history(&text), calendar, day("2017-12-01"), 60, &settings).unwrap();
        ahead.series[0].days[31].mean
    };
    let (with, without) = (of(&calendar), of(&Calendar::default()));
    assert!(with > 130.0 && without < 105.0, "{with} {without}");
}

#[test]
fn what_cannot_be_forecast_is_refused_with_its_limit() {
    let history = history(&poisson(&["A"], DAYS, 6));
    let of = |origin, n_days| {
        forecast(&history, &Calendar::default(), day(origin), n_days, &Settings::default())
    };
    let short = of("2015-10-20", 84).unwrap_err();
    assert_eq!(
        short,
        ForecastError::TooShort { series: "A".to_owned(), n_known: 19, origin: day("2015-10-20") }
    );
    assert!(short.to_string().contains(&format!("fewer than {KNOWN_DAYS_MIN}")));
    assert_eq!(of(ORIGIN, 0), Err(ForecastError::Horizon { days: 0 }));
    assert_eq!(
        of("2020-10-01", 84),
        Err(ForecastError::Stale { origin: day("2020-10-01"), days: 1096 })
    );
    assert!(matches!(of("2010-10-01", 84), Err(ForecastError::TooShort { n_known: 0, .. })));
}

#[test]
fn quantiles_are_those_of_the_distribution() {
    // Poisson's of mean 3, whose chances add up to 0.05, 0.20, 0.42, 0.65, 0.82, 0.92, 0.97, 0.99.
    assert_eq!(quantiles(3.0, 3.0), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0]);
    assert_eq!(quantiles(0.0, 0.0), [0.0; 7]);
    // On both sides of where the expansion takes over.
    for over in [1.0, 1.4, 3.0] {
        let [small, large] = [29.99, 30.01].map(|mean| quantiles(mean, mean * over));
        for (small, large) in small.iter().zip(large) {
            assert!((small - large).abs() < 1.1, "{over}: {small} {large}");
        }
    }
}

proptest! {
    #[test]
    fn quantiles_are_in_order_and_not_negative(
        mean in 0.0..2000.0_f64,
        over in prop_oneof![0.5..3.0_f64, 3.0..3000.0_f64],
    ) {
        let q = quantiles(mean, mean * over);
        prop_assert!(q.is_sorted() && q[0] >= 0.0 && q[6].is_finite(), "{q:?}");
    }

    #[test]
    fn any_counts_give_a_forecast(counts in proptest::collection::vec(0_u32..4, 60..120)) {
        let text = columns(&["A", "B"], counts.len() as i32, |part, ahead| {
            counts[ahead as usize] * part as u32
        });
        let history = history(&text);
        let forecast = ahead(&history, &history.end().to_string());
        for day in forecast.series.iter().flat_map(|series| &series.days) {
            prop_assert!(day.mean.is_finite() && day.mean >= 0.0);
            prop_assert!(day.quantiles.is_sorted() && day.quantiles[6].is_finite());
        }
    }
}
