//! What crews are owed and how far vehicles go: a break in a window of each shift, and a range of
//! which some is kept back. The fleet simulator's file of crews and a policy's `[crews]` hold the same
//! tables.

use ems_model::Millis;
use serde::Deserialize;

use crate::text::secs;

const MINUTES: f64 = 60.0;

/// What a policy of a centre respects of its crews and vehicles; what it leaves out it does not
/// know.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrewPolicy {
    /// Penalty for sending a crew that is owed its break now.
    #[serde(rename = "meal_due_s", deserialize_with = "secs", default)]
    pub meal_due: Millis,
    /// Breaks, which begin by themselves once a free crew is where it waits.
    pub meals: Option<Meals>,
    /// How far vehicles go. One that has the reserve left is not sent, not moved, and goes home.
    pub range: Option<VehicleRange>,
}

/// A break that is taken at a station in a window of each shift.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meals {
    /// The window, hours after the start of the shift.
    opens_h: f64,
    closes_h: f64,
    minutes: f64,
}

/// How far a vehicle goes, as fuel or as a battery.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VehicleRange {
    km: Option<f64>,
    kwh: Option<f64>,
    kwh_per_km: Option<f64>,
    /// What is kept back: a unit that has no more is not sent, and refilled at its station.
    reserve_km: f64,
    /// Kilometres in an hour of driving: what drives cost is known as time.
    km_per_h: f64,
    /// How long refuelling or charging takes, at the unit's own station.
    refill_min: f64,
}

impl CrewPolicy {
    pub(crate) fn check(&self) -> Result<(), String> {
        self.meals.map_or(Ok(()), Meals::check)?;
        self.range.map_or(Ok(()), VehicleRange::check)
    }
}

impl Meals {
    /// When the window opens and closes, hours after the start of the shift.
    pub fn window_h(self) -> [f64; 2] {
        [self.opens_h, self.closes_h]
    }

    /// How long the break takes, minutes.
    pub fn minutes(self) -> f64 {
        self.minutes
    }

    /// Whether the break may begin so long after the start of the shift.
    pub fn may_begin(self, hours: f64) -> bool {
        (self.opens_h..self.closes_h).contains(&hours)
    }

    /// Says what cannot be.
    pub fn check(self) -> Result<(), String> {
        check_limits("opens_h", self.opens_h, 0.0..=24.0)?;
        check_limits("closes_h", self.closes_h, self.opens_h..=24.0)?;
        check_limits("minutes", self.minutes, 1.0..=240.0)
    }
}

impl VehicleRange {
    /// How far a full vehicle goes, kilometres.
    pub fn full_km(self) -> f64 {
        let by_battery = || Some(self.kwh? / self.kwh_per_km?);
        self.km.or_else(by_battery).unwrap_or(0.0)
    }

    /// What is kept back, kilometres.
    pub fn reserve_km(self) -> f64 {
        self.reserve_km
    }

    /// Kilometres of so many hours of driving.
    pub fn km(self, hours: f64) -> f64 {
        hours * self.km_per_h
    }

    /// How long refilling takes, minutes.
    pub fn refill_minutes(self) -> f64 {
        self.refill_min
    }

    /// Whether a vehicle that could go so far, and has driven so many hours since, has no more than
    /// the reserve.
    pub fn is_low(self, km: f64, hours: f64) -> bool {
        km - self.km(hours) <= self.reserve_km
    }

    /// Says what cannot be.
    pub fn check(self) -> Result<(), String> {
        if self.km.is_some() == (self.kwh.is_some() && self.kwh_per_km.is_some()) {
            return Err("[range] wants km, or kwh and kwh_per_km: give one of them".into());
        }
        check_limits("km_per_h", self.km_per_h, 1.0..=200.0)?;
        check_limits("refill_min", self.refill_min, 0.0..=24.0 * MINUTES)?;
        check_limits("reserve_km", self.reserve_km, 0.0..=10_000.0)?;
        if self.full_km().is_nan() || self.full_km() <= self.reserve_km {
            let (km, reserve) = (self.full_km(), self.reserve_km);
            return Err(format!(
                "a range of {km} km is not above reserve_km {reserve}: correct it"
            ));
        }
        Ok(())
    }
}

/// Says which value of a file is outside its limits.
pub fn check_limits(
    key: &str,
    value: f64,
    limits: std::ops::RangeInclusive<f64>,
) -> Result<(), String> {
    if limits.contains(&value) {
        return Ok(());
    }
    let (least, most) = (limits.start(), limits.end());
    Err(format!("{key} {value} is outside {least} to {most}: correct it"))
}
