//! When crews work, eat and rest, and how far their vehicles go: a file of its own.

use ems_dispatch::{Meals, VehicleRange, check_limits};
use serde::Deserialize;

/// A fleet's crews and vehicles. What the file leaves out is not modelled: without `[[shifts]]` a
/// unit
/// is always on duty, without `[meals]` nobody eats, without `[range]` no vehicle is refilled.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staffing {
    #[serde(default)]
    shifts: Vec<Shift>,
    /// The least rest between the end of a shift, overtime included, and the next, hours.
    #[serde(default)]
    rest_h: f64,
    /// Meal breaks, in each shift.
    pub(crate) meals: Option<Meals>,
    /// How far vehicles go.
    pub(crate) range: Option<VehicleRange>,
}

/// A shift that some units work every day.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shift {
    /// Numbers of units, from 1.
    units: Vec<usize>,
    /// The hour of the day at which it starts, 0 to 24.
    start_h: f64,
    /// How long it lasts, hours, above 0 and below 24.
    hours: f64,
    /// So long before its end a unit is not moved any more, and goes home when it comes free,
    /// minutes.
    #[serde(default)]
    last_min: f64,
}

/// A file of crews that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StaffingError {
    /// No TOML, or a key that is missing or not known.
    #[error("crews: {0}")]
    Malformed(#[from] toml::de::Error),
    /// A value that cannot be.
    #[error("crews: {0}")]
    Invalid(String),
}

/// A unit's shift, days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hours {
    /// The part of the day at which it starts.
    pub(crate) start: f64,
    pub(crate) length: f64,
    pub(crate) last: f64,
}

/// Of a day.
pub(crate) const HOURS: f64 = 24.0;
/// Of a day.
pub(crate) const MINUTES: f64 = 1440.0;

impl Staffing {
    /// Reads a file for a fleet of `n_units`.
    pub fn parse(text: &str, n_units: usize) -> Result<Self, StaffingError> {
        let own: Self = toml::from_str(text)?;
        own.check(n_units).map_err(StaffingError::Invalid)?;
        Ok(own)
    }

    /// The shift of a unit, counted from 0; `None` for one that is always on duty.
    pub(crate) fn hours(&self, unit: usize) -> Option<Hours> {
        let shift = self.shifts.iter().find(|shift| shift.units.contains(&(unit + 1)))?;
        let (start, length) = (shift.start_h / HOURS, shift.hours / HOURS);
        Some(Hours { start, length, last: shift.last_min / MINUTES })
    }

    /// The least rest between shifts, days.
    pub(crate) fn rest(&self) -> f64 {
        self.rest_h / HOURS
    }

    fn check(&self, n_units: usize) -> Result<(), String> {
        let mut seen = vec![false; n_units];
        for shift in &self.shifts {
            check_limits("start_h", shift.start_h, 0.0..=24.0)?;
            check_limits("hours", shift.hours, 0.25..=23.75)?;
            check_limits("last_min", shift.last_min, 0.0..=shift.hours * 60.0)?;
            for &unit in &shift.units {
                match unit.checked_sub(1).and_then(|at| seen.get_mut(at)) {
                    None => {
                        return Err(format!("unit {unit} is outside 1..={n_units}: correct it"));
                    }
                    Some(true) => return Err(format!("unit {unit} has two shifts: name it once")),
                    Some(seen) => *seen = true,
                }
            }
        }
        check_limits("rest_h", self.rest_h, 0.0..=24.0)?;
        self.meals.map_or(Ok(()), Meals::check)?;
        self.range.map_or(Ok(()), VehicleRange::check)
    }
}
