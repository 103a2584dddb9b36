//! Measured numbers with their unit and the range that a device may report.

use serde::{Deserialize, Serialize};

/// A reading outside what its quantity can be.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "{quantity} {value} {unit} is outside {min}..={max}: check the sensor, then the device profile"
)]
pub struct OutOfRange {
    /// What was measured.
    pub quantity: &'static str,
    /// The number that came.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// The smallest number that is accepted.
    pub min: f64,
    /// The largest number that is accepted.
    pub max: f64,
}

macro_rules! quantities {
    ($(
        $(#[$doc:meta])*
        $name:ident: $raw:ty, $quantity:literal, $unit:literal, $min:literal..=$max:literal;
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = f64))]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name($raw);

        impl $name {
            /// Checks the range and wraps the number.
            pub fn new(value: $raw) -> Result<Self, OutOfRange> {
                if ($min..=$max).contains(&value) {
                    Ok(Self(value))
                } else {
                    Err(OutOfRange {
                        quantity: $quantity,
                        value: f64::from(value),
                        unit: $unit,
                        min: f64::from($min),
                        max: f64::from($max),
                    })
                }
            }

            /// The number, in the unit of its type.
            pub const fn get(self) -> $raw {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = OutOfRange;
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::manual_range_contains,
                reason = "the range is checked before the cast"
            )]
            fn try_from(value: f64) -> Result<Self, OutOfRange> {
                let (min, max) = (f64::from($min), f64::from($max));
                if value >= min && value <= max {
                    Self::new(<$raw as FromF64>::from_f64(value))
                } else {
                    Err(OutOfRange { quantity: $quantity, value, unit: $unit, min, max })
                }
            }
        }

        impl From<$name> for f64 {
            fn from(quantity: $name) -> f64 {
                f64::from(quantity.0)
            }
        }
    )*};
}

trait FromF64 {
    fn from_f64(value: f64) -> Self;
}

impl FromF64 for u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "called only with a value checked to lie in the quantity's range"
    )]
    fn from_f64(value: f64) -> Self {
        value.round() as Self
    }
}

impl FromF64 for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }
}

quantities! {
    /// Heart or pulse rate in beats a minute; 0 is asystole.
    Bpm: u16, "heart rate", "beats/min", 0u16..=300u16;
    /// Breaths a minute; 0 is apnoea.
    BreathsPerMin: u16, "respiratory rate", "breaths/min", 0u16..=120u16;
    /// Oxygen saturation in percent.
    OxygenSaturation: u16, "SpO2", "%", 0u16..=100u16;
    /// Blood pressure in millimetres of mercury.
    MmHg: u16, "blood pressure", "mmHg", 0u16..=350u16;
    /// Body temperature in degrees Celsius.
    Celsius: f64, "temperature", "°C", 10.0f64..=47.0f64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_outside_its_range_is_refused_with_value_limit_and_remedy() {
        for (raw, ok) in [(0, true), (300, true), (301, false)] {
            assert_eq!(Bpm::new(raw).is_ok(), ok, "{raw} beats/min");
        }
        assert!(OxygenSaturation::new(101).is_err());
        assert!(Celsius::try_from(f64::NAN).is_err());
        assert_eq!(
            Bpm::new(412).unwrap_err().to_string(),
            "heart rate 412 beats/min is outside 0..=300: check the sensor, then the device profile"
        );
    }
}
