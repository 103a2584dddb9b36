//! How many calls are to come: each day of each part of a service and of the whole, with intervals
//! that its own past errors justify, and where and at which hour they are to be expected.
//!
//! [`forecast`] takes a [`History`] (from a [`Table`]) and a [`Calendar`] of public holidays and gives a
//! [`Forecast`]. It does not read files, does not know today's date and never looks at
//! days from its origin on. `docs/forecast.md` tells of the model and of what it reached.

mod calendar;
mod cells;
mod drift;
mod dynamic;
mod forecast;
mod history;
mod hours;
mod intensity;
mod predictive;
mod reconcile;
mod score;
mod spread;
mod table;

pub use calendar::{Calendar, CalendarError};
pub use cells::{CELLS_MAX, CellHours, PlacedCalls};
pub use drift::{Drift, Monitor};
pub use dynamic::{Member, Slope};
pub use forecast::{
    Day, Forecast, ForecastError, HORIZON_DAYS_MAX, KNOWN_DAYS_MIN, SeriesForecast, Settings,
    forecast,
};
pub use history::{COUNT_MAX, DAYS_MAX, History, SERIES_MAX, Series, TOTAL};
pub use hours::{Hour, Hours, SeriesHours, Shaping, forecast_hours};
pub use intensity::{Calls, Intensity, NoSuchCell, Smoothing};
pub use predictive::{LEVELS, quantiles};
pub use reconcile::Reconciliation;
pub use score::{log_score, mean_pinball, pinball};
pub use table::{Table, TableError};
