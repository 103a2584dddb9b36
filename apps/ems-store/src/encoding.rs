//! How events and frames lie on disk: JSON with a format version. Golden bytes below.

use ems_model::{ClockOffset, Event, Frame, FrameBody, IncidentId, Timestamp, UnitId};
use serde::{Deserialize, Serialize};

/// The format that is written. A reader knows it and every one before.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct EventOut<'a> {
    v: u32,
    event: &'a Event,
}

#[derive(Deserialize)]
struct EventIn {
    v: u32,
    event: Event,
}

#[derive(Serialize)]
struct FrameOut<'a> {
    v: u32,
    incident: Option<IncidentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<ClockOffset>,
    body: &'a FrameBody,
}

#[derive(Deserialize)]
struct FrameIn {
    v: u32,
    incident: Option<IncidentId>,
    #[serde(default)]
    clock: Option<ClockOffset>,
    body: FrameBody,
}

/// The body column of an event.
pub(crate) fn encode_event(event: &Event) -> String {
    serde_json::to_string(&EventOut { v: FORMAT, event })
        .expect("an event has no map with keys that are not text")
}

/// Reads the body column of an event.
pub(crate) fn decode_event(body: &str) -> Result<Event, String> {
    let read: EventIn = serde_json::from_str(body).map_err(|error| error.to_string())?;
    check_format(read.v)?;
    Ok(read.event)
}

/// The body column of a frame.
pub(crate) fn encode_frame(frame: &Frame) -> Vec<u8> {
    let out =
        FrameOut { v: FORMAT, incident: frame.incident, clock: frame.clock, body: &frame.body };
    serde_json::to_vec(&out).expect("a frame has no map with keys that are not text")
}

/// Reads the body column of a frame whose other columns are known.
pub(crate) fn decode_frame(
    unit: UnitId,
    seq: u64,
    at: Timestamp,
    body: &[u8],
) -> Result<Frame, String> {
    let read: FrameIn = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    check_format(read.v)?;
    Ok(Frame { unit, seq, at, incident: read.incident, clock: read.clock, body: read.body })
}

fn check_format(found: u32) -> Result<(), String> {
    if found == FORMAT { Ok(()) } else { Err(format!("format {found} is not one of 1..={FORMAT}")) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ems_model::{AidEvent, MajorEvent};

    use expect_test::expect_file;

    use super::*;

    const EVENTS: &str = include_str!("../tests/golden/events-1.jsonl");
    const FRAMES: &str = include_str!("../tests/golden/frames-1.jsonl");

    #[test]
    fn each_kind_of_event_keeps_its_bytes() {
        let mut again = String::new();
        let mut kinds = BTreeSet::new();
        for line in EVENTS.lines() {
            let event = decode_event(line).unwrap();
            again += &(encode_event(&event) + "\n");
            assert!(kinds.insert(kind_idx(&event)), "one of each: {line}");
        }
        expect_file!["../tests/golden/events-1.jsonl"].assert_eq(&again);
        assert_eq!(kinds, (0..50).collect(), "a new kind of event needs its golden line");
    }

    #[test]
    fn an_interval_is_written_only_where_there_is_one() {
        let without = EVENTS.lines().find(|line| line.contains("eta_revised")).unwrap();
        let eta = r#""eta":1700000420000000,"#;
        let likely = format!(r#"{eta}"likely":[1700000400000000,1700000460000000],"#);
        let with = without.replace(eta, &likely);
        for line in [without, &with] {
            assert_eq!(encode_event(&decode_event(line).unwrap()), line);
        }
    }

    #[test]
    fn each_kind_of_frame_keeps_its_bytes() {
        let mut again = String::new();
        for line in FRAMES.lines() {
            let unit = UnitId::new("A103").unwrap();
            let frame = decode_frame(unit, 1, Timestamp::default(), line.as_bytes()).unwrap();
            again += &(String::from_utf8(encode_frame(&frame)).unwrap() + "\n");
        }
        expect_file!["../tests/golden/frames-1.jsonl"].assert_eq(&again);
    }

    #[test]
    fn a_clock_is_written_only_where_it_was_known() {
        let clock = r#""clock":{"ahead_us":-1500123,"uncertainty_us":3100}"#;
        let frame = FRAMES.lines().next().unwrap();
        let told = frame.replace(r#","body":"#, &format!(r#",{clock},"body":"#));
        assert_ne!(frame, told);
        for line in [frame, &told] {
            let unit = UnitId::new("A103").unwrap();
            let read = decode_frame(unit, 1, Timestamp::default(), line.as_bytes()).unwrap();
            assert_eq!(read.clock.is_some(), line == told);
            assert_eq!(String::from_utf8(encode_frame(&read)).unwrap(), line);
        }
        let event = EVENTS.lines().find(|line| line.contains("alarm_reported")).unwrap();
        let told = event.replace("}}}", &format!("}},{clock}}}}}"));
        assert_ne!(event, told);
        for line in [event, &told] {
            assert_eq!(encode_event(&decode_event(line).unwrap()), line);
        }
    }

    #[test]
    fn an_uncertainty_below_zero_is_refused() {
        let frame = FRAMES.lines().next().unwrap();
        let clock = r#","clock":{"ahead_us":5,"uncertainty_us":-1},"body":"#;
        let line = frame.replace(r#","body":"#, clock);
        let unit = UnitId::new("A103").unwrap();
        let error = decode_frame(unit, 1, Timestamp::default(), line.as_bytes()).unwrap_err();
        assert!(error.starts_with("uncertainty_us -1 is negative: leave clock out"), "{error}");
    }

    #[test]
    fn a_later_format_is_refused() {
        let line = r#"{"v":2,"event":{"type":"unit_signed_off","unit":"A103"}}"#;
        assert_eq!(decode_event(line).unwrap_err(), "format 2 is not one of 1..=1");
    }

    /// Does not compile until a new kind of event has its number, and so its golden line.
    fn kind_idx(event: &Event) -> usize {
        match event {
            Event::UnitSignedOn { .. } => 0,
            Event::UnitSignedOff { .. } => 1,
            Event::CrewRested { .. } => 2,
            Event::CrewRestEnded { .. } => 3,
            Event::CallReceived { .. } => 4,
            Event::IncidentTriaged { .. } => 5,
            Event::UnitAssigned { .. } => 6,
            Event::UnitStepped { .. } => 7,
            Event::EtaRevised { .. } => 8,
            Event::HospitalChosen { .. } => 9,
            Event::ReceptionRequested { .. } => 10,
            Event::ReceptionAnswered { .. } => 11,
            Event::ReceptionWithdrawn { .. } => 12,
            Event::TasksMoved { .. } => 13,
            Event::TaskStepped { .. } => 14,
            Event::CrowdingReported { .. } => 15,
            Event::DoorsChanged { .. } => 16,
            Event::RemoteCareProposed { .. } => 17,
            Event::RemoteCareAnswered { .. } => 18,
            Event::AlarmReported { .. } => 19,
            Event::IncidentClosed { .. } => 20,
            Event::IncidentCancelled { .. } => 21,
            Event::UnitDiverted { .. } => 22,
            Event::PolicySwitched { .. } => 23,
            Event::UnitPosted { .. } => 24,
            Event::FindingsRecorded { .. } => 25,
            Event::MajorIncident { what, .. } => 26 + major_kind_idx(what),
            Event::SurgeDeclared { .. } => 37,
            Event::Aid { what } => 38 + aid_kind_idx(what),
            Event::ResponseTrimmed { .. } => 45,
            Event::AlarmAcknowledged { .. } => 46,
            Event::ExchangeProposed { .. } => 47,
            Event::CameraRecorded { .. } => 48,
            Event::RangeReported { .. } => 49,
        }
    }

    fn aid_kind_idx(event: &AidEvent) -> usize {
        match event {
            AidEvent::Asked { .. } => 0,
            AidEvent::Answered { .. } => 1,
            AidEvent::Delivered { .. } => 2,
            AidEvent::UnitLent { .. } => 3,
            AidEvent::GuestCame { .. } => 4,
            AidEvent::UnitReturned { .. } => 5,
            AidEvent::Ended { .. } => 6,
        }
    }

    fn major_kind_idx(event: &MajorEvent) -> usize {
        match event {
            MajorEvent::Declared { .. } => 0,
            MajorEvent::Reported { .. } => 1,
            MajorEvent::UnitStaged { .. } => 2,
            MajorEvent::UnitCalledForward { .. } => 3,
            MajorEvent::CasualtyTagged { .. } => 4,
            MajorEvent::CasualtyAllotted { .. } => 5,
            MajorEvent::CasualtyLoaded { .. } => 6,
            MajorEvent::CasualtyUnloaded { .. } => 7,
            MajorEvent::CasualtyBrought { .. } => 8,
            MajorEvent::CasualtyEnded { .. } => 9,
            MajorEvent::StoodDown => 10,
        }
    }
}
