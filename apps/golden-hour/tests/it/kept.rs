//! What lay in the outboxes of gateways that were killed, and what must have become of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use ems_host::{CentreClient, CentreUrl};
use ems_model::{Frame, FrameBody, UnitId};
use ems_store::{Outbox, Telemetry};

use crate::process::wait_until;

/// Frames of unit G1, whose gateway has its folder `gateway` beside the centre's, `centre`.
#[derive(Debug, Default)]
pub(crate) struct Kept(BTreeMap<u64, Frame>);

/// A page of `GET /api/frames`.
#[derive(Debug, serde::Deserialize)]
struct Page {
    frames: Vec<Frame>,
    cursor: u64,
}

impl Kept {
    /// Notes what lay in the outbox when the gateway died: all of it must arrive, as it is.
    pub(crate) fn remember(&mut self, folder: &Path) {
        for frame in left(folder) {
            let known = self.0.insert(frame.seq, frame.clone());
            assert!(known.is_none_or(|known| known == frame), "a number is given once");
        }
    }

    /// Waits until the centre has all that was noted.
    pub(crate) async fn are_delivered(&self, centre: &CentreUrl) {
        let client = CentreClient::new(centre.clone());
        let mut missing: BTreeSet<u64> = self.0.keys().copied().collect();
        assert!(!missing.is_empty(), "some frame was caught in an outbox");
        let mut cursor = 0;
        let are_there = async || {
            while !missing.is_empty() {
                let path = format!("/api/frames?unit=G1&cursor={cursor}&limit=1000");
                let Ok(page) = client.get::<Page>(&path).await else { return false };
                if page.frames.is_empty() {
                    return false;
                }
                for frame in &page.frames {
                    missing.remove(&frame.seq);
                }
                cursor = page.cursor;
            }
            true
        };
        wait_until("the frames of killed gateways", Duration::from_mins(1), are_there).await;
    }

    /// Checks the dead ends' disks: what was noted is stored as it was, and of all numbers that
    /// were ever given each is stored or still in the outbox.
    pub(crate) fn check(&self, folder: &Path) {
        let telemetry = Telemetry::open(&folder.join("centre/telemetry.db")).unwrap();
        let stored = telemetry.read_after(&unit(), 0, 1_000_000).unwrap();
        println!("{} frames stored, {} seen in dead outboxes", stored.len(), self.0.len());
        assert!(stored.len() > 500, "only {} frames", stored.len());
        let vitals = stored.iter().filter(|it| matches!(it.body, FrameBody::Vitals { .. }));
        assert!(vitals.count() > 50, "vital signs came too");
        let stored: BTreeMap<u64, Frame> = stored.into_iter().map(|it| (it.seq, it)).collect();
        for (seq, frame) in &self.0 {
            assert_eq!(stored.get(seq), Some(frame), "frame {seq} arrived as it was kept");
        }
        let left = left(folder).into_iter().map(|frame| frame.seq);
        let given: BTreeSet<u64> = stored.keys().copied().chain(left).collect();
        let (first, last) = (*given.first().unwrap(), *given.last().unwrap());
        assert_eq!(given.len() as u64, last - first + 1, "no frame is lost");
    }
}

fn left(folder: &Path) -> Vec<Frame> {
    let path = folder.join("gateway/outbox.db");
    if !path.exists() {
        return Vec::new();
    }
    let outbox = Outbox::open(&path).unwrap();
    let resume = outbox.resume(&unit()).unwrap();
    outbox.read(&unit(), resume.acked + 1, resume.last, 1_000_000).unwrap()
}

fn unit() -> UnitId {
    UnitId::new("G1").unwrap()
}
