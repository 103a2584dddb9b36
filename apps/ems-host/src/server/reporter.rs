//! Makes the report, one at a time, and keeps it for a moment: it reads the whole log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ems_centre::Report;
use ems_store::StoreError;
use tokio::sync::Mutex;

use super::App;
use super::error::ApiError;
use crate::pages::Pages;
use crate::view::report::ReportView;

/// How long a report is good for everybody who asks.
const KEPT: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(crate) struct Reporter {
    latest: Mutex<Option<(Instant, ReportView)>>,
}

impl Reporter {
    pub(crate) async fn report(&self, app: &App) -> Result<ReportView, ApiError> {
        let mut latest = self.latest.lock().await;
        if let Some((at, report)) = &*latest
            && at.elapsed() < KEPT
        {
            return Ok(report.clone());
        }
        let (log, reference) = (app.log.clone(), Arc::clone(&app.reference));
        let (through, now) = (app.centre.hub().durable_seq(), app.clock.now());
        let make = move || {
            let mut pages = Pages::of(log.as_ref());
            let events = pages.by_ref().take_while(|recorded| recorded.seq <= through);
            let report = Report::build(events, reference.clocks(), now);
            pages.end()?;
            Ok::<_, StoreError>(ReportView::of(report, reference.scheme()))
        };
        let report = app.read(make).await?;
        *latest = Some((Instant::now(), report.clone()));
        Ok(report)
    }
}
