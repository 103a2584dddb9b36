//! Reading a centre from its log.

use std::collections::BTreeMap;
use std::sync::Arc;

use ems_centre::{Centre, CentreConfig, City};
use ems_model::{IncidentId, Recorded};
use ems_store::{EventLog, StoreError};

use super::StartError;

/// Events read from the log at a time.
const PAGE_LEN: usize = 4096;

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
    let mut pages = Pages { log, after: 0, page: Vec::new().into_iter(), failure: None };
    let events = pages.by_ref().inspect(|recorded| timelines.note(recorded));
    let centre = Centre::replay(config.clone(), Arc::clone(city), events)?;
    match pages.failure {
        Some(error) => Err(error.into()),
        None => Ok((centre, timelines)),
    }
}

/// All events of a log; ends early with a `failure` where one cannot be read.
struct Pages<'a> {
    log: &'a dyn EventLog,
    after: u64,
    page: std::vec::IntoIter<Recorded>,
    failure: Option<StoreError>,
}

impl Iterator for Pages<'_> {
    type Item = Recorded;

    fn next(&mut self) -> Option<Recorded> {
        if self.page.len() == 0 {
            match self.log.read_after(self.after, PAGE_LEN) {
                Ok(page) => self.page = page.into_iter(),
                Err(error) => self.failure = Some(error),
            }
        }
        let recorded = self.page.next()?;
        self.after = recorded.seq;
        Some(recorded)
    }
}
