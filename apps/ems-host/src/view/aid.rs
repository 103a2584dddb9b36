//! Mutual aid on a screen.

use ems_centre::Centre;
use ems_model::{Aid, CentreName, Millis, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Aid between this centre and others, the newest requests last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AidsView {
    now: Timestamp,
    aid: Vec<Aid>,
}

/// Whose unit a guest is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuestView {
    lender: CentreName,
    until: Timestamp,
    /// The drive to where it was asked for, as the lender told when it lent it.
    eta: Option<Millis>,
    /// Whether its time is over, so that it leaves once it is free.
    is_due_back: bool,
}

impl AidsView {
    pub(crate) fn of(centre: &Centre, now: Timestamp) -> Self {
        Self { now, aid: centre.ledger().aid().cloned().collect() }
    }
}

impl From<&ems_centre::Guest> for GuestView {
    fn from(guest: &ems_centre::Guest) -> Self {
        let (lender, until, eta) = (guest.lender.clone(), guest.until, guest.eta);
        Self { lender, until, eta, is_due_back: guest.is_due_back }
    }
}
