//! Which incident the unit is with, as the centre says.

use std::time::Duration;

use ems_model::{IncidentId, UnitId, UnitState};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::Input;
use crate::client::CentreUrl;
use crate::client::calls::CentreClient;
use crate::client::follow::{Heard, HeardUnit, follow};

/// The pause before an unreachable centre is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// Events that may wait.
const EVENTS_LEN_MAX: usize = 64;

/// The part of the snapshot that is needed.
#[derive(Deserialize)]
struct Fleet {
    seq: u64,
    units: Vec<HeardUnit>,
}

/// Tells the gateway each assignment; without a network the last one stands.
pub(super) async fn follow_assignment(
    centre: CentreUrl,
    unit: UnitId,
    inputs: mpsc::Sender<Input>,
) {
    let client = CentreClient::new(centre.clone());
    loop {
        let fleet = fleet(&client).await;
        let present = fleet.units.iter().find(|it| it.id == unit);
        if !tell(&inputs, present.map(|it| it.state)).await {
            return;
        }
        let (tell_event, events) = mpsc::channel(EVENTS_LEN_MAX);
        tokio::spawn(follow(centre.clone(), fleet.seq, tell_event));
        if !listen(events, &unit, &inputs).await {
            return;
        }
    }
}

/// Asks the centre until it tells what its units do.
async fn fleet(client: &CentreClient) -> Fleet {
    loop {
        match client.get::<Fleet>("/api/state").await {
            Ok(fleet) => return fleet,
            Err(error) => {
                tracing::debug!(%error, "the assignment is not known yet");
                tokio::time::sleep(ASK_AGAIN).await;
            }
        }
    }
}

/// Tells what the stream says of the unit; `true` where the centre's log was replaced and must be
/// looked at anew, `false` if the gateway has ended.
async fn listen(
    mut events: mpsc::Receiver<Heard>,
    unit: &UnitId,
    inputs: &mpsc::Sender<Input>,
) -> bool {
    while let Some(heard) = events.recv().await {
        let Heard::Event(event) = heard else { continue };
        let Some(changed) = event.unit.filter(|it| it.id == *unit) else { continue };
        if !tell(inputs, Some(changed.state)).await {
            return false;
        }
    }
    true
}

/// Tells an assignment; `false` if the gateway has ended.
async fn tell(inputs: &mpsc::Sender<Input>, state: Option<UnitState>) -> bool {
    inputs.send(Input::Assignment(state.and_then(incident_of))).await.is_ok()
}

fn incident_of(state: UnitState) -> Option<IncidentId> {
    match state {
        UnitState::Engaged { incident, .. } => Some(incident),
        UnitState::OffDuty | UnitState::Available { .. } | UnitState::Lent { .. } => None,
    }
}
