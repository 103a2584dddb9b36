//! Which incident the unit is with, as the centre says.

use std::time::Duration;

use ems_model::{Event, IncidentId, UnitId, UnitState};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::Input;
use crate::client::CentreUrl;
use crate::client::ages::Ages;
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
    incidents: Vec<HeardIncident>,
}

#[derive(Deserialize)]
struct HeardIncident {
    id: IncidentId,
    call: HeardCall,
}

#[derive(Deserialize)]
struct HeardCall {
    age: Option<u8>,
}

impl Fleet {
    fn ages(&self) -> Ages {
        let mut ages = Ages::default();
        self.incidents.iter().for_each(|it| ages.set(it.id, it.call.age));
        ages
    }
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
        let mut ages = fleet.ages();
        if !tell(&inputs, present.map(|it| it.state), &ages).await {
            return;
        }
        let (tell_event, events) = mpsc::channel(EVENTS_LEN_MAX);
        tokio::spawn(follow(centre.clone(), fleet.seq, tell_event));
        if !listen(events, &unit, &mut ages, &inputs).await {
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
    ages: &mut Ages,
    inputs: &mpsc::Sender<Input>,
) -> bool {
    while let Some(heard) = events.recv().await {
        let Heard::Event(event) = heard else { continue };
        ages.on_event(&event.recorded.event);
        if let Event::AlarmAcknowledged { unit: of, kind, .. } = &event.recorded.event
            && of == unit
        {
            let acknowledge =
                Input::Acknowledge { kind: *kind, seen_at: event.recorded.occurred_at };
            if inputs.send(acknowledge).await.is_err() {
                return false;
            }
        }
        let Some(changed) = event.unit.filter(|it| it.id == *unit) else { continue };
        if !tell(inputs, Some(changed.state), ages).await {
            return false;
        }
    }
    true
}

/// Tells an assignment; `false` if the gateway has ended.
async fn tell(inputs: &mpsc::Sender<Input>, state: Option<UnitState>, ages: &Ages) -> bool {
    let incident = state.and_then(incident_of);
    inputs.send(Input::Assignment { incident, age: ages.of(incident) }).await.is_ok()
}

fn incident_of(state: UnitState) -> Option<IncidentId> {
    match state {
        UnitState::Engaged { incident, .. } => Some(incident),
        UnitState::OffDuty | UnitState::Available { .. } | UnitState::Lent { .. } => None,
    }
}
