//! Holes on the way ahead, as the centre's map foretells them.

use std::collections::BTreeMap;
use std::time::Duration;

use ems_model::{Millis, UnitId};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::Input;
use crate::client::CentreUrl;
use crate::client::calls::{CallError, CentreClient};
use crate::view::outlook::HoleView;

/// How often the centre is asked: in that time a unit drives some hundred metres.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// The part of the answer that is needed.
#[derive(Debug, Deserialize)]
struct Heard {
    holes: Vec<HoleView>,
}

/// Tells the gateway the holes ahead of it, and that there are none where it does not drive. While
/// the centre does not answer, the last ones stand: they have their ends.
pub(super) async fn follow_outlook(centre: CentreUrl, unit: UnitId, inputs: mpsc::Sender<Input>) {
    let client = CentreClient::new(centre);
    let path = format!("/api/units/{unit}/outlook");
    loop {
        let holes = match client.get::<Heard>(&path).await {
            Ok(heard) => Some(heard.holes),
            Err(CallError::Refused { status: 404, .. }) => Some(Vec::new()),
            Err(error) => {
                tracing::debug!(%error, "holes ahead are not known");
                None
            }
        };
        if let Some(holes) = holes
            && inputs.send(Input::Outlook(by_network(holes))).await.is_err()
        {
            return;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

fn by_network(holes: Vec<HoleView>) -> BTreeMap<String, (Millis, Millis)> {
    holes.into_iter().map(|hole| (hole.network, (hole.from, hole.until))).collect()
}
