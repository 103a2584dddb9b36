//! Bundles that a unit brings for others: the centre stores their frames and gives receipts.

use std::future::pending;

use axum::body::Bytes;
use ems_model::UnitId;
use tokio::task::JoinSet;

use crate::server::App;
use crate::server::bundles::{self, NotTaken};

/// Bundles of one carrier that are stored at once; more are lost, and brought again.
const LEN_MAX: usize = 4;

/// Bundles that are being stored.
#[derive(Debug, Default)]
pub(super) struct Carried(JoinSet<Result<Vec<u8>, NotTaken>>);

impl Carried {
    /// Takes a bundle that `carrier` brought.
    pub(super) fn take(&mut self, app: &App, carrier: &UnitId, bundle: Vec<u8>) {
        let Some(notary) = app.notary.get().filter(|_| self.0.len() < LEN_MAX).cloned() else {
            return tracing::warn!(%carrier, "a bundle finds no room: it is brought again");
        };
        let (app, carrier) = (app.clone(), carrier.clone());
        self.0.spawn(async move {
            let taken = bundles::take(&app, &notary, Bytes::from(bundle)).await;
            taken.inspect_err(|why| tracing::warn!(%carrier, ?why, "a bundle was not taken"))
        });
    }

    /// Waits for the next receipt. It may be left off at any time.
    pub(super) async fn receipt(&mut self) -> Vec<u8> {
        loop {
            match self.0.join_next().await {
                Some(Ok(Ok(receipt))) => return receipt,
                // It was told when it failed.
                Some(_) => {}
                None => pending().await,
            }
        }
    }
}
