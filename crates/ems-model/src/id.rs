//! Names of things. Numbers are given by the centre, names by the people who run the service.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A name that no unit, hospital, station or crew can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{kind} id \"{value}\" is not 1 to {} characters of A-Z a-z 0-9 . _ -: rename it in the overlay or the command",
    MAX_NAME_CHARS
)]
pub struct InvalidName {
    kind: &'static str,
    value: String,
}

/// The longest name, in characters.
pub(crate) const MAX_NAME_CHARS: usize = 40;

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_CHARS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks and wraps a name of 1 to 40 characters out of `A-Z a-z 0-9 . _ -`.
            pub fn new(name: &str) -> Result<Self, InvalidName> {
                if is_name(name) {
                    Ok(Self(name.into()))
                } else {
                    let value = name.chars().take(2 * MAX_NAME_CHARS).collect();
                    Err(InvalidName { kind: $kind, value })
                }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(name: String) -> Result<Self, InvalidName> {
                Self::new(&name)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// A vehicle with its crew, by its call sign: `A103`.
    UnitId, "unit";
    /// A hospital of the city pack: `n123` or `w456` after its OpenStreetMap element.
    HospitalId, "hospital";
    /// An ambulance station of the city pack.
    StationId, "station";
    /// A crew on one shift.
    CrewId, "crew";
    /// A command centre, as its neighbours call it: `Gozo`.
    CentreName, "centre";
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )*};
}

numbers! {
    /// An incident, numbered by the centre from 1.
    IncidentId;
    /// A patient, numbered by the centre from 1.
    PatientId;
    /// A pre-arrival task of a hospital, numbered by the centre from 1.
    TaskId;
    /// A casualty, numbered within its major incident from 1.
    CasualtyId;
    /// A request for mutual aid, numbered by the centre that asks from 1.
    AidId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for (name, ok) in [("A103", true), ("", false), ("急103", false), ("a b", false)] {
            assert_eq!(UnitId::new(name).is_ok(), ok, "{name:?}");
        }
        assert!(UnitId::new(&"x".repeat(40)).is_ok());
        assert!(UnitId::new(&"x".repeat(41)).is_err());
    }
}
