//! What each class asks of a 5G network, and whether a link keeps it.

use ems_uplink::{Class, LinkReport};
use serde::Deserialize;

/// A link's share of lost packets is a mean over some 256 of them: less than two cannot be told.
const LOSS_GRAIN: f64 = 2.0 / 256.0;

/// What is asked, class by class, as a TOML file names it. Unknown keys are errors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slices {
    /// The data network's name, for all classes.
    pub dnn: String,
    /// A row for each class.
    class: Vec<Slice>,
}

/// What a class asks for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    class: String,
    /// The 5QI (3GPP TS 23.501, table 5.7.4-1).
    pub five_qi: u8,
    /// Its packet delay budget, one way.
    pub delay_ms: f64,
    /// Its packet error rate, 0 to 1.
    pub loss: f64,
    /// The slice's service type (S-NSSAI, 3GPP TS 23.501, clause 5.15.2).
    pub sst: u8,
    /// The centre's UDP port, by which a URSP rule tells the class.
    pub udp_port: u16,
    /// The mark of its packets, 0 to 63.
    pub dscp: u8,
}

/// A table of slices that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SlicesError {
    /// Not a table.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A class has no row, or two.
    #[error("class \"{class}\" has {n} rows: give it one")]
    Rows {
        /// Which.
        class: &'static str,
        /// How many.
        n: usize,
    },
    /// A class asks for another 5QI than the session says.
    #[error(
        "class \"{class}\" asks for 5QI {found}, the session for {expected}: correct the table"
    )]
    FiveQi {
        /// Which.
        class: &'static str,
        /// In the table.
        found: u8,
        /// In the session.
        expected: u8,
    },
    /// A mark that no packet can have.
    #[error("DSCP {dscp} is outside 0..=63")]
    Dscp {
        /// The mark.
        dscp: u8,
    },
}

/// Whether what was asked for is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// As far as is measured.
    Yes,
    /// Measured, and it is not.
    No,
    /// What is measured does not tell.
    Unknown,
}

/// A link against what a class asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conformance {
    /// Half the round trip, its queue included, against the delay budget.
    pub delay: Kept,
    /// The share of lost packets against the error rate.
    pub loss: Kept,
}

impl Slices {
    /// Reads a table.
    pub fn parse(text: &str) -> Result<Self, SlicesError> {
        let slices: Self = toml::from_str(text)?;
        for class in Class::ALL {
            let n = slices.rows(class).count();
            let Some(slice) = slices.rows(class).next().filter(|_| n == 1) else {
                return Err(SlicesError::Rows { class: class.name(), n });
            };
            slice.check(class)?;
        }
        Ok(slices)
    }

    /// What a class asks for.
    pub fn of(&self, class: Class) -> &Slice {
        self.rows(class).next().expect("each class has a row, or the table is refused")
    }

    fn rows(&self, class: Class) -> impl Iterator<Item = &Slice> {
        self.class.iter().filter(move |slice| slice.class == class.name())
    }
}

impl Slice {
    fn check(&self, class: Class) -> Result<(), SlicesError> {
        let (found, expected) = (self.five_qi, class.traits().five_qi);
        if found != expected {
            return Err(SlicesError::FiveQi { class: class.name(), found, expected });
        }
        if self.dscp > 63 { Err(SlicesError::Dscp { dscp: self.dscp }) } else { Ok(()) }
    }

    /// Whether a link keeps what is asked for, as far as the session has measured it.
    pub fn conformance(&self, link: &LinkReport) -> Conformance {
        let delay = match link.round_trip {
            None => Kept::Unknown,
            Some(round_trip) if round_trip.as_millis_f64() / 2.0 <= self.delay_ms => Kept::Yes,
            Some(_) => Kept::No,
        };
        let loss = match link.loss {
            _ if link.round_trip.is_none() => Kept::Unknown,
            loss if loss <= self.loss => Kept::Yes,
            loss if loss > self.loss + LOSS_GRAIN => Kept::No,
            _ => Kept::Unknown,
        };
        Conformance { delay, loss }
    }
}
