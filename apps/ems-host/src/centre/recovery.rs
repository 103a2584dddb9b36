//! Reading a centre from its log.

use std::collections::BTreeMap;
use std::sync::Arc;

use ems_centre::{Centre, CityTraffic};
use ems_model::{IncidentId, Recorded};
use ems_roads::Traffic;

use super::{CentreParts, StartError};
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

/// Builds the centre that wrote the log, under the traffic that was applied. O(length of the log).
pub(super) fn read(parts: &CentreParts) -> Result<(Centre, Timelines), StartError> {
    let mut timelines = Timelines::default();
    let mut pages = Pages::of(parts.log.as_ref());
    let events = pages.by_ref().inspect(|recorded| timelines.note(recorded));
    let mut centre = Centre::replay(parts.config.clone(), Arc::clone(&parts.city), events)?;
    pages.end()?;
    let traffic = stored_traffic(parts)?;
    if traffic.is_some() || parts.city.drive_times.week.is_some() {
        let (traffic, now) = (traffic.unwrap_or_default(), parts.clock.now());
        centre.take_traffic(CityTraffic::lay(&parts.city, &traffic, now));
    }
    Ok((centre, timelines))
}

/// What was applied; what belongs to another pack is left out, which everybody sees at once.
fn stored_traffic(parts: &CentreParts) -> Result<Option<Traffic>, StartError> {
    let Some(body) = parts.traffic.body()? else { return Ok(None) };
    let decoded = Traffic::decode(&body, &parts.city.roads);
    let warn = |error| tracing::warn!(%error, "the centre starts without live traffic");
    Ok(decoded.map_err(warn).ok())
}
