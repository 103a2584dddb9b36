//! What stands on a bundle's primary block: from whom, to whom, when and for how long.

use std::fmt;
use std::time::Duration;

use ems_model::{Millis, Timestamp, UnitId};
use hardy_bpv7::bundle::Bundle;
use hardy_bpv7::creation_timestamp::CreationTimestamp;
use hardy_bpv7::dtn_time::DtnTime;
use hardy_bpv7::eid::{DtnNodeId, Eid};

use crate::BundleError;

/// The longest lifetime.
pub const LIFETIME_MAX: Millis = Millis::from_mins(30 * 24 * 60);
/// A bundle's author may be so much ahead of its reader's clock.
pub(crate) const AHEAD_MAX: Millis = Millis::from_mins(24 * 60);
/// 2000-01-01, the beginning of DTN time (RFC 9171, section 4.2.6), in ms since 1970.
const DTN_EPOCH_MS: i64 = 946_684_800_000;
/// The centre's name among nodes; its services tell it from a unit that is called so.
const CENTRE: &str = "centre";
const FRAMES: &str = "frames";
const RECEIPTS: &str = "receipts";

/// What a bundle holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Frames, from a unit to the centre.
    Frames,
    /// A receipt for frames, from the centre to their unit.
    Receipt,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Frames { FRAMES } else { RECEIPTS })
    }
}

/// From whom to whom, when and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What it holds.
    pub kind: Kind,
    /// Whose frames it is about.
    pub unit: UnitId,
    /// When it was made, whole milliseconds.
    pub created: Timestamp,
    /// Tells bundles of one millisecond apart: the first frame's number.
    pub number: u64,
    /// How long it may be carried, 1 ms to [`LIFETIME_MAX`].
    pub lifetime: Millis,
}

impl Label {
    /// When it is worth nothing any more.
    pub fn expires(&self) -> Timestamp {
        self.created + self.lifetime
    }

    /// Where it comes from: `dtn://A103/frames` or `dtn://centre/receipts`.
    pub fn source(&self) -> String {
        self.ends().0.to_string()
    }

    /// Where it goes: `dtn://centre/frames` or `dtn://A103/receipts`.
    pub fn destination(&self) -> String {
        self.ends().1.to_string()
    }

    pub(crate) fn ends(&self) -> (Eid, Eid) {
        let (unit, centre) = (self.unit.as_str(), CENTRE);
        match self.kind {
            Kind::Frames => (eid(unit, FRAMES), eid(centre, FRAMES)),
            Kind::Receipt => (eid(centre, RECEIPTS), eid(unit, RECEIPTS)),
        }
    }

    /// The limits of a label that is to be written.
    pub(crate) fn checked(self) -> Result<Self, BundleError> {
        let millis = u64::try_from(self.lifetime.get()).unwrap_or(0);
        let is_told = (1..=LIFETIME_MAX.get()).contains(&self.lifetime.get());
        let created = self.created_ms().filter(|_| is_told);
        let created = created.ok_or(BundleError::Lifetime { millis })?;
        Ok(Self { created: time(created).unwrap_or(self.created), ..self })
    }

    /// In ms since 2000; `None` before.
    pub(crate) fn created_ms(&self) -> Option<u64> {
        let millis = self.created.as_micros().div_euclid(1000) - DTN_EPOCH_MS;
        u64::try_from(millis).ok().filter(|millis| *millis > 0)
    }

    pub(crate) fn timestamp(&self) -> CreationTimestamp {
        CreationTimestamp::from_parts(self.created_ms().map(DtnTime::new), self.number)
    }

    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.lifetime.get()).unwrap_or(0))
    }

    pub(crate) fn of(bundle: &Bundle) -> Result<Self, BundleError> {
        let (kind, unit) = parties(bundle).ok_or_else(|| BundleError::Foreign {
            from: bundle.id.source.to_string(),
            to: bundle.destination.to_string(),
        })?;
        let (created, number) = bundle.id.timestamp.clone().into_parts();
        let millis = u64::try_from(bundle.lifetime.as_millis()).unwrap_or(u64::MAX);
        let bad = BundleError::Lifetime { millis };
        let created = created.and_then(|created| time(created.millisecs())).ok_or(bad.clone())?;
        let lifetime = Millis::new(i64::try_from(millis).map_err(|_| bad)?);
        Self { kind, unit, created, number, lifetime }.checked()
    }
}

/// What kind of bundle it is by its ends, and whose.
fn parties(bundle: &Bundle) -> Option<(Kind, UnitId)> {
    let (source, source_service) = place(&bundle.id.source)?;
    let (destination, service) = place(&bundle.destination)?;
    let (kind, unit) = match (source_service, service) {
        (FRAMES, FRAMES) if destination == CENTRE => (Kind::Frames, source),
        (RECEIPTS, RECEIPTS) if source == CENTRE => (Kind::Receipt, destination),
        _ => return None,
    };
    Some((kind, UnitId::new(unit).ok()?))
}

fn place(eid: &Eid) -> Option<(&str, &str)> {
    match eid {
        Eid::Dtn { node_name, service_name } => Some((&node_name.node_name, service_name)),
        _ => None,
    }
}

fn eid(node: &str, service: &str) -> Eid {
    let node_name = DtnNodeId { node_name: node.into() };
    Eid::Dtn { node_name, service_name: service.into() }
}

/// A time from ms since 2000; `None` beyond what a timestamp holds.
fn time(millis: u64) -> Option<Timestamp> {
    let since_1970 = i64::try_from(millis).ok()?.checked_add(DTN_EPOCH_MS)?;
    // A lifetime on top of it fits too.
    (since_1970 < i64::MAX / 2000).then(|| Timestamp::from_millis(since_1970))
}
