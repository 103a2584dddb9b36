#![no_main]
//! Counts of days and hours and calls with their places are read or refused with their line; what was
//! read is forecast, coherent and in order. The same bytes are tried as a calendar.
use ems_forecast::{
    Calendar, PlacedCalls, SeriesForecast, SeriesHours, Settings, Shaping, Table, forecast,
    forecast_hours,
};
use ems_model::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let calendar = Calendar::parse(text).unwrap_or_default();
    let table = match Table::parse(text, &[]) {
        Ok(table) => table,
        Err(error) => return assert!(error.to_string().len() < 1000, "{error}"),
    };
    let history = &table.history;
    // A century of a few days costs a second and shows nothing more.
    let is_short = history.end().since(history.first()) <= 1000 && history.series().len() <= 20;
    if !is_short {
        return;
    }
    let settings = Settings::default();
    let Ok(ahead) = forecast(history, &calendar, history.end(), 30, &settings) else { return };
    for (series, forecast) in history.series().iter().zip(&ahead.series) {
        for (lead, day) in forecast.days.iter().enumerate() {
            let parts = series.parts.iter().map(|&part| ahead.series[part].days[lead].mean);
            let sum: f64 = parts.sum();
            assert!((day.mean - sum).abs() <= 1e-6 * sum.max(1.0), "{day:?}");
            assert!(day.mean >= 0.0 && day.quantiles[0] >= 0.0 && day.quantiles[6].is_finite());
            assert!(day.quantiles.is_sorted(), "{day:?}");
        }
    }
    let (end, shaping) = (history.end(), Shaping::default());
    if let Ok((days, hours)) = forecast_hours(&table, &calendar, end, 30, &settings, &shaping) {
        days.series.iter().zip(&hours).for_each(|(days, hours)| agree(days, hours));
        let origin = Timestamp::from_millis(i64::from(end.days()) * 86_400_000);
        let calls = PlacedCalls::parse(text).ok();
        let cells = calls.and_then(|calls| calls.forecast(&calendar, origin, 30, 2.0).ok());
        for hour in cells.iter().flatten().flat_map(|cell| &cell.hours) {
            assert!(hour.mean >= 0.0 && hour.quantiles.is_sorted(), "{hour:?}");
        }
    }
});

fn agree(days: &SeriesForecast, hours: &SeriesHours) {
    for (day, hours) in days.days.iter().zip(hours.hours.chunks(24)) {
        let sum: f64 = hours.iter().map(|hour| hour.mean).sum();
        assert!((day.mean - sum).abs() <= 1e-6 * sum.max(1.0), "{day:?}");
        assert!(hours.iter().all(|hour| hour.quantiles.is_sorted()), "{hours:?}");
    }
}
