//! How a gateway with a new disk learns where its unit's numbers stand.

use std::collections::BTreeSet;
use std::time::Duration;

use ems_model::UnitId;
use ems_store::{Outbox, StoreError};
use ems_uplink::{PROTOCOL, UplinkDown, UplinkUp};
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use super::CentreUrl;
use super::connection::connect;

/// How long a start waits to be told which frames the centre has.
const ADOPT_WITHIN: Duration = Duration::from_secs(3);

/// Lets units whose outbox is new number their frames after those that the centre has of them, as
/// when a gateway's disk was replaced. A centre that cannot be reached is asked nothing.
pub async fn adopt_numbers(
    centre: &CentreUrl,
    outbox: &Outbox,
    units: impl IntoIterator<Item = &UnitId>,
) -> Result<(), StoreError> {
    let mut new = BTreeSet::new();
    for unit in units {
        if outbox.resume(unit)?.last == 0 {
            new.insert(unit.clone());
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let asking = ask_numbers(centre, outbox, new);
    if tokio::time::timeout(ADOPT_WITHIN, asking).await.is_err() {
        tracing::info!("the centre did not say which frames it has; numbers start from 1");
    }
    outbox.settle()
}

async fn ask_numbers(centre: &CentreUrl, outbox: &Outbox, mut new: BTreeSet<UnitId>) {
    let Ok(mut socket) = connect(centre.websocket("/api/uplink")).await else { return };
    for unit in &new {
        // A unit that has every number is never behind, so it is told how far the centre is.
        let (unit, last, protocol, forgotten) = (unit.clone(), u64::MAX, PROTOCOL, 0);
        let hello = UplinkUp::Hello { unit, last, protocol, forgotten };
        if socket.send(Message::Text(hello.to_json().into())).await.is_err() {
            return;
        }
    }
    while let (false, Some(Ok(message))) = (new.is_empty(), socket.next().await) {
        let Message::Text(text) = message else { continue };
        if let Ok(UplinkDown::Welcome { unit, acked }) = UplinkDown::from_json(text.as_bytes()) {
            new.remove(&unit);
            if acked > 0 {
                outbox.trim(unit, acked);
            }
        }
    }
}
