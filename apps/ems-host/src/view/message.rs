//! What the stream says.

use ems_centre::Centre;
use ems_model::{
    CameraPulse, Derived, Frame, FrameBody, HeldAlarm, IncidentId, LeadWatch, Micros, News2,
    Recorded, ScoreTold, Seen, Timestamp, UnitId, Vitals, WaveChunk,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::hospital::HospitalView;
use super::incident::IncidentView;
use super::traffic::TrafficSummaryView;
use super::unit::UnitView;

/// One message of `/api/stream`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum StreamMessage<'a> {
    /// The first message.
    Hello {
        /// The last durable event.
        seq: u64,
        now: Timestamp,
        speed: f64,
    },
    /// Something happened; the views are those after it.
    Event {
        recorded: &'a Recorded,
        incident: Option<Box<IncidentView>>,
        unit: Option<Box<UnitView>>,
        hospital: Option<Box<HospitalView>>,
    },
    /// The positions that changed: unit, latitude, longitude, time.
    Positions {
        now: Timestamp,
        #[schema(value_type = Vec<Vec<serde_json::Value>>)]
        positions: Vec<(&'a UnitId, f64, f64, Timestamp)>,
    },
    /// New vital signs of a unit's patient.
    Vitals {
        unit: &'a UnitId,
        seq: u64,
        at: Timestamp,
        /// The truth lies within so many µs of `at`; `null` where the unit's clock is not known.
        within_us: Option<i64>,
        incident: Option<IncidentId>,
        vitals: &'a Vitals,
        news2: Option<&'a News2>,
        scores: &'a [ScoreTold],
    },
    /// A piece of the watched unit's waveform.
    Wave {
        unit: &'a UnitId,
        seq: u64,
        at: Timestamp,
        #[serde(flatten)]
        chunk: &'a WaveChunk,
    },
    /// The roads have become slower, faster, closed or open: `/api/traffic` tells where.
    Traffic { now: Timestamp, traffic: TrafficSummaryView },
    /// Nothing but the time, every second.
    Tick { now: Timestamp, seq: u64 },
    /// What virtual sensors of a unit say of its patient; nobody measured it.
    Derived {
        unit: &'a UnitId,
        seq: u64,
        at: Timestamp,
        incident: Option<IncidentId>,
        derived: &'a [Derived],
    },
    /// A pulse that a camera in the unit sees; none of the vital signs.
    CameraPulse {
        unit: &'a UnitId,
        seq: u64,
        at: Timestamp,
        incident: Option<IncidentId>,
        pulse: CameraPulse,
    },
    /// How well a unit sees its patient: its leads, and the alarms that it holds back.
    Watch {
        unit: &'a UnitId,
        seq: u64,
        at: Timestamp,
        incident: Option<IncidentId>,
        leads: &'a [LeadWatch],
        held: &'a [HeldAlarm],
    },
}

impl<'a> StreamMessage<'a> {
    /// An event with the present views of what it touched.
    pub(crate) fn event(centre: &Centre, recorded: &'a Recorded) -> Self {
        let event = &recorded.event;
        let incident = event.incident().and_then(|id| centre.ledger().incident(id));
        let hospital = event.hospital().or_else(|| incident?.incident.hospital.as_ref());
        Self::Event {
            recorded,
            incident: incident
                .map(|record| Box::new(IncidentView::of(centre, recorded.recorded_at, record))),
            unit: event.unit().and_then(|id| UnitView::of(centre, id)).map(Box::new),
            hospital: hospital.and_then(|id| HospitalView::of(centre, id)).map(Box::new),
        }
    }

    /// A frame's message; alarms have none, for they are events, nor has what links carried: the
    /// map of coverage shows that.
    pub(crate) fn frame(frame: &'a Frame) -> Option<Self> {
        let seen = Seen::elsewhere(frame.at, frame.clock);
        let (unit, seq, at) = (&frame.unit, frame.seq, seen.at);
        match &frame.body {
            FrameBody::Vitals { vitals, news2, scores } => Some(Self::Vitals {
                unit,
                seq,
                at,
                within_us: seen.within.map(Micros::get),
                incident: frame.incident,
                vitals,
                news2: news2.as_ref(),
                scores,
            }),
            // Pieces follow each other by their own clock: an estimate that moves would bend the
            // curve.
            FrameBody::Wave(chunk) => Some(Self::Wave { unit, seq, at: frame.at, chunk }),
            FrameBody::Alarm { .. } | FrameBody::Links { .. } => None,
            FrameBody::Derived { derived } => {
                Some(Self::Derived { unit, seq, at, incident: frame.incident, derived })
            }
            FrameBody::CameraPulse { pulse } => {
                Some(Self::CameraPulse { unit, seq, at, incident: frame.incident, pulse: *pulse })
            }
            FrameBody::Watch { leads, held } => {
                Some(Self::Watch { unit, seq, at, incident: frame.incident, leads, held })
            }
        }
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a message has no map with keys that are not text")
    }
}
