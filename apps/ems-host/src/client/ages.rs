//! The ages of patients, as callers told them.

use std::collections::BTreeMap;

use ems_model::{Event, IncidentId};

/// The ages of the patients of open incidents, in years.
#[derive(Debug, Clone, Default)]
pub struct Ages(BTreeMap<IncidentId, u8>);

impl Ages {
    /// Takes what happened.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::CallReceived { incident, call, .. } => self.set(*incident, call.age),
            Event::IncidentClosed { incident, .. } | Event::IncidentCancelled { incident, .. } => {
                self.0.remove(incident);
            }
            _ => {}
        }
    }

    /// Notes an age that was told before the stream began.
    pub(crate) fn set(&mut self, incident: IncidentId, age: Option<u8>) {
        self.0.extend(age.map(|age| (incident, age)));
    }

    /// The age, if it was told.
    pub fn of(&self, incident: Option<IncidentId>) -> Option<u8> {
        self.0.get(&incident?).copied()
    }
}
