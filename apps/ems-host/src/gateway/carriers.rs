//! How the page shows what carries frames to the centre.

use ems_drive::Kept;
use ems_model::{ClockOffset, GapCause};
use ems_uplink::{Class, LinkReport, LinkStanding, Portion};
use serde::Serialize;

use crate::client::uplink::{UNSTORED_LEN_MAX, UplinkStatus};
use crate::link::LinkStatus;
use crate::link::dial::ClassStatus;
use crate::link::slices::slices;

/// Links, classes and the centre's clock, all empty where one WebSocket carries everything; and
/// what waits for them.
#[derive(Debug, Serialize)]
pub(super) struct CarriersView {
    links: Vec<CarrierView>,
    classes: Vec<ClassView>,
    /// The centre's clock against this one's; `None` while it is not known.
    clock: Option<ClockView>,
    outbox: OutboxView,
}

/// What waits on the disk and in memory, and what was ever given up, in frames; counted every 10 s.
#[derive(Debug, Serialize)]
struct OutboxView {
    alarms: u64,
    vitals: u64,
    records: u64,
    waves: u64,
    expired: u64,
    no_space: u64,
    /// Frames that wait in memory for a disk that takes none.
    in_memory: usize,
    /// From here on devices wait.
    in_memory_max: usize,
}

#[derive(Debug, Serialize)]
struct CarrierView {
    name: String,
    from: String,
    /// `down`, `fresh`, `good` or `suspect`.
    standing: &'static str,
    round_trip_ms: Option<f64>,
    queue_ms: Option<f64>,
    /// What it carried a second when it was last busy, bit/s.
    rate_bps: Option<f64>,
    /// The share of packets that are lost, 0 to 1.
    loss: Option<f64>,
    sent_bytes: u64,
    complaint: Option<String>,
    /// What was asked of the network for each class that was used, and whether it is kept.
    asked: Vec<AskedView>,
}

/// A class's 5QI (3GPP TS 23.501, table 5.7.4-1) on a link. `yes`, `no`, or `unknown` where what is
/// measured does not tell.
#[derive(Debug, Serialize)]
struct AskedView {
    class: &'static str,
    five_qi: u8,
    /// The packet delay budget, one way.
    delay_ms: f64,
    /// Whether half the round trip, queue included, is within it.
    delay: &'static str,
    /// The packet error rate, 0 to 1.
    loss_max: f64,
    /// Whether no larger share of packets is lost.
    loss: &'static str,
}

#[derive(Debug, Serialize)]
struct ClassView {
    name: &'static str,
    waiting_bytes: usize,
    sent: u64,
    /// Frames whose durable answer came after the class's deadline.
    late: u64,
    deadline_ms: f64,
}

/// How far the centre's clock is ahead; the truth lies within so much of it.
#[derive(Debug, Serialize)]
struct ClockView {
    ahead_ms: f64,
    within_ms: f64,
}

impl From<&UplinkStatus> for CarriersView {
    fn from(status: &UplinkStatus) -> Self {
        Self {
            links: status.links.iter().map(|link| CarrierView::of(link, status)).collect(),
            classes: status.classes.iter().map(ClassView::from).collect(),
            clock: status.clock.map(ClockView::from),
            outbox: OutboxView::of(status),
        }
    }
}

impl OutboxView {
    fn of(status: &UplinkStatus) -> Self {
        let contents = &status.contents;
        let waiting = |portion| contents.n_waiting.get(&portion).copied().unwrap_or(0);
        let given_up = |cause| contents.n_given_up.get(&cause).copied().unwrap_or(0);
        Self {
            alarms: waiting(Portion::Alarms),
            vitals: waiting(Portion::Vitals),
            records: waiting(Portion::Records),
            waves: waiting(Portion::Waves),
            expired: given_up(GapCause::Expired),
            no_space: given_up(GapCause::NoSpace),
            in_memory: status.n_unstored,
            in_memory_max: UNSTORED_LEN_MAX,
        }
    }
}

impl From<ClockOffset> for ClockView {
    fn from(offset: ClockOffset) -> Self {
        let (ahead_ms, within_ms) =
            (offset.ahead.as_millis_f64(), offset.uncertainty.as_millis_f64());
        Self { ahead_ms, within_ms }
    }
}

impl CarrierView {
    fn of(link: &LinkStatus, status: &UplinkStatus) -> Self {
        let report = link.report.as_ref();
        let asked = report.map(|it| status.classes.keys().map(|class| AskedView::of(*class, it)));
        // Before an answer the rest is a guess.
        let known = report.filter(|report| report.round_trip.is_some());
        Self {
            name: link.name.clone(),
            from: link.from.clone(),
            standing: report.map_or("down", |report| standing(report.standing)),
            round_trip_ms: known.and_then(|it| Some(it.round_trip?.as_millis_f64())),
            queue_ms: known.map(|it| it.queue.as_millis_f64()),
            rate_bps: known.map(|it| it.rate_bps),
            loss: known.map(|it| it.loss),
            sent_bytes: report.map_or(0, |it| it.n_sent_bytes),
            complaint: link.complaint.clone(),
            asked: asked.into_iter().flatten().collect(),
        }
    }
}

impl AskedView {
    fn of(class: Class, link: &LinkReport) -> Self {
        let slice = slices().of(class);
        let kept = slice.conformance(link);
        Self {
            class: class.name(),
            five_qi: slice.five_qi,
            delay_ms: slice.delay_ms,
            delay: told(kept.delay),
            loss_max: slice.loss,
            loss: told(kept.loss),
        }
    }
}

fn told(kept: Kept) -> &'static str {
    match kept {
        Kept::Yes => "yes",
        Kept::No => "no",
        Kept::Unknown => "unknown",
    }
}

impl From<(&Class, &ClassStatus)> for ClassView {
    fn from((class, status): (&Class, &ClassStatus)) -> Self {
        Self {
            name: class.name(),
            waiting_bytes: status.n_waiting_bytes,
            sent: status.n_sent,
            late: status.n_late,
            deadline_ms: class.traits().deadline.as_millis_f64(),
        }
    }
}

fn standing(standing: LinkStanding) -> &'static str {
    match standing {
        LinkStanding::Fresh => "fresh",
        LinkStanding::Good => "good",
        LinkStanding::Suspect(_) => "suspect",
    }
}
