#![no_main]
//! Counts of days are read or refused with their line; what was read is forecast, coherent and in
//! order. The same bytes are tried as a calendar.
use ems_forecast::{Calendar, Settings, Table, forecast};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let calendar = Calendar::parse(text).unwrap_or_default();
    let history = match Table::parse(text, &[]) {
        Ok(table) => table.history,
        Err(error) => return assert!(error.to_string().len() < 1000, "{error}"),
    };
    // A century of a few days costs a second and shows nothing more.
    let is_short = history.end().since(history.first()) <= 1000 && history.series().len() <= 20;
    if !is_short {
        return;
    }
    let settings = Settings::default();
    let Ok(ahead) = forecast(&history, &calendar, history.end(), 30, &settings) else { return };
    for (series, forecast) in history.series().iter().zip(&ahead.series) {
        for (lead, day) in forecast.days.iter().enumerate() {
            let parts = series.parts.iter().map(|&part| ahead.series[part].days[lead].mean);
            let sum: f64 = parts.sum();
            assert!((day.mean - sum).abs() <= 1e-6 * sum.max(1.0), "{day:?}");
            assert!(day.mean >= 0.0 && day.quantiles[0] >= 0.0 && day.quantiles[6].is_finite());
            assert!(day.quantiles.is_sorted(), "{day:?}");
        }
    }
});
