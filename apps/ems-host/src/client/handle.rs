//! A hand on an uplink for those who carry frames another way.

use ems_model::UnitId;
use tokio::sync::{mpsc, watch};

use super::uplink::{Parcel, UplinkStatus};

/// A hand on an uplink. It keeps it not alive.
#[derive(Debug, Clone)]
pub(crate) struct UplinkHandle {
    pub(super) inbox: mpsc::Sender<Parcel>,
    pub(super) status: watch::Receiver<UplinkStatus>,
}

impl UplinkHandle {
    /// Sends a bundle of another unit, if nothing of one waits to be sent.
    pub(crate) fn bundle(&self, bundle: Vec<u8>) {
        // It is given again until its receipt is there.
        let _ = self.inbox.try_send(Parcel::Bundle(bundle));
    }

    /// The centre has stored ranges of a unit's frames, which came to it another way.
    pub(crate) async fn stored(&self, unit: UnitId, stored: Vec<(u64, u64)>) {
        // An uplink that has ended finds out when it starts again.
        let _ = self.inbox.send(Parcel::Stored(unit, stored)).await;
    }

    /// How the uplink is now.
    pub(crate) fn status(&self) -> UplinkStatus {
        self.status.borrow().clone()
    }
}
