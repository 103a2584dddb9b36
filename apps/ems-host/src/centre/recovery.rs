//! Reading a centre from its log.

use std::collections::BTreeMap;
use std::sync::Arc;

use ems_centre::{Centre, CentreConfig, City};
use ems_model::{IncidentId, Recorded};
use ems_store::EventLog;

use super::StartError;
use crate::pages::Pages;

/// Where each incident's events stand in the log.
#[derive(Debug, Default)]
pub(super) struct Timelines(BTreeMap<IncidentId, Vec<u64>>);

impl Timelines {
    pub(super) fn note(&mut self, recorded: &Recorded) {
        if let Some(incident) = recorded.event.incident() {
            self.0.entry(incident).or_default().push(recorded.seq);
        }
    }

    pub(super) fn of(&self, incident: IncidentId) -> Vec<u64> {
        self.0.get(&incident).cloned().unwrap_or_default()
    }
}

/// Builds the centre that wrote the log. O(length of the log).
pub(super) fn read(
    config: &CentreConfig,
    city: &Arc<City>,
    log: &dyn EventLog,
) -> Result<(Centre, Timelines), StartError> {
    let mut timelines = Timelines::default();
    let mut pages = Pages::of(log);
    let events = pages.by_ref().inspect(|recorded| timelines.note(recorded));
    let centre = Centre::replay(config.clone(), Arc::clone(city), events)?;
    pages.end()?;
    Ok((centre, timelines))
}
