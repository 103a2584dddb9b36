//! What several clocks told, on one.

use std::collections::BTreeMap;

use ems_model::{Frame, Micros, Recorded, Seen, Timestamp, joint_uncertainty};
use serde::Serialize;
use utoipa::ToSchema;

/// The name of the centre's clock among the sources; no unit has it.
const CENTRE: &str = "centre";

/// Events of the centre and frames of units side by side, by the centre's clock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineUpView {
    /// By how much the time between any two of them may be off, µs; `null` where a clock is not
    /// known.
    within_us: Option<i64>,
    /// By how much a time of each source may be off, µs; `null` where its clock is not known.
    sources: BTreeMap<String, Option<i64>>,
    /// In the order of their times.
    items: Vec<ItemView>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct ItemView {
    /// By the centre's clock; by the source's where that is not known.
    at: Timestamp,
    /// The truth lies within so many µs of it; `null` where that is not known.
    within_us: Option<i64>,
    /// By whose clock it was told: `centre`, or a unit.
    source: String,
    #[serde(flatten)]
    what: What,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum What {
    Event(Recorded),
    Frame(Frame),
}

impl LineUpView {
    /// Lines up what happened within `from..until`.
    pub(crate) fn of(
        (from, until): (Timestamp, Timestamp),
        events: Vec<Recorded>,
        frames: Vec<Frame>,
    ) -> Self {
        let mut items: Vec<_> = events.into_iter().map(of_event).collect();
        items.extend(frames.into_iter().map(of_frame));
        items.retain(|item| (from..until).contains(&item.at));
        items.sort_by_key(|item| item.at);
        let mut sources: BTreeMap<String, Option<i64>> = BTreeMap::new();
        for item in &items {
            let most = sources.entry(item.source.clone()).or_insert(item.within_us);
            *most = most.zip(item.within_us).map(|(most, within)| most.max(within));
        }
        let joint = joint_uncertainty(sources.values().map(|within| within.map(Micros::new)));
        Self { within_us: joint.map(Micros::get), sources, items }
    }
}

fn of_event(recorded: Recorded) -> ItemView {
    let seen = recorded.seen();
    let source = recorded.told_by().map_or(CENTRE.to_owned(), ToString::to_string);
    item(seen, source, What::Event(recorded))
}

fn of_frame(frame: Frame) -> ItemView {
    let seen = Seen::elsewhere(frame.at, frame.clock);
    item(seen, frame.unit.to_string(), What::Frame(frame))
}

fn item(seen: Seen, source: String, what: What) -> ItemView {
    ItemView { at: seen.at, within_us: seen.within.map(Micros::get), source, what }
}
