//! When crews work, eat and rest, and how far their vehicles go: a file of its own.

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
    pub(crate) range: Option<Range>,
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

/// A break that is taken at a station in a window of each shift.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Meals {
    /// The window, hours after the start of the shift.
    opens_h: f64,
    closes_h: f64,
    minutes: f64,
}

/// How far a vehicle goes, as fuel or as a battery.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Range {
    km: Option<f64>,
    kwh: Option<f64>,
    kwh_per_km: Option<f64>,
    /// What is kept back: a unit that has no more is not sent, and refilled at its station.
    reserve_km: f64,
    /// Kilometres in an hour of driving: roads of these cities have times, no lengths.
    km_per_h: f64,
    /// How long refuelling or charging takes, at the unit's own station.
    refill_min: f64,
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

const HOURS: f64 = 24.0;
const MINUTES: f64 = 1440.0;

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
            within("start_h", shift.start_h, 0.0..=24.0)?;
            within("hours", shift.hours, 0.25..=23.75)?;
            within("last_min", shift.last_min, 0.0..=shift.hours * 60.0)?;
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
        within("rest_h", self.rest_h, 0.0..=24.0)?;
        self.meals.map_or(Ok(()), Meals::check)?;
        self.range.map_or(Ok(()), Range::check)
    }
}

impl Meals {
    /// The window from the start of a shift and the length of the break, days.
    pub(crate) fn days(self) -> [f64; 3] {
        [self.opens_h / HOURS, self.closes_h / HOURS, self.minutes / MINUTES]
    }

    fn check(self) -> Result<(), String> {
        within("opens_h", self.opens_h, 0.0..=24.0)?;
        within("closes_h", self.closes_h, self.opens_h..=24.0)?;
        within("minutes", self.minutes, 1.0..=240.0)
    }
}

impl Range {
    /// How long a full vehicle may drive before it is refilled, days of driving.
    pub(crate) fn days(self) -> f64 {
        (self.full_km() - self.reserve_km) / self.km_per_h / HOURS
    }

    /// How long refilling takes, days.
    pub(crate) fn refill(self) -> f64 {
        self.refill_min / MINUTES
    }

    /// Kilometres of so many days of driving.
    pub(crate) fn km(self, days: f64) -> f64 {
        days * HOURS * self.km_per_h
    }

    fn full_km(self) -> f64 {
        let by_battery = || Some(self.kwh? / self.kwh_per_km?);
        self.km.or_else(by_battery).unwrap_or(0.0)
    }

    fn check(self) -> Result<(), String> {
        if self.km.is_some() == (self.kwh.is_some() && self.kwh_per_km.is_some()) {
            return Err("[range] wants km, or kwh and kwh_per_km: give one of them".into());
        }
        within("km_per_h", self.km_per_h, 1.0..=200.0)?;
        within("refill_min", self.refill_min, 0.0..=1440.0)?;
        within("reserve_km", self.reserve_km, 0.0..=10_000.0)?;
        if self.full_km().is_nan() || self.full_km() <= self.reserve_km {
            let (km, reserve) = (self.full_km(), self.reserve_km);
            return Err(format!(
                "a range of {km} km is not above reserve_km {reserve}: correct it"
            ));
        }
        Ok(())
    }
}

fn within(key: &str, value: f64, limits: std::ops::RangeInclusive<f64>) -> Result<(), String> {
    if limits.contains(&value) {
        return Ok(());
    }
    let (least, most) = (limits.start(), limits.end());
    Err(format!("{key} {value} is outside {least} to {most}: correct it"))
}
