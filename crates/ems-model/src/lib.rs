//! The words of the dispatch floor: time, quantities, positions, ids; incident, unit, crew,
//! patient and hospital with their lifecycles; the commands people give and the events that follow.
//!
//! No engine, no IO, no clock. Read [`Event`] and [`Command`] first: they are what the centre's
//! log is written in. States live in [`incident`], [`unit`], [`patient`] and [`hospital`], each an
//! enum whose steps either happen or return a [`TransitionError`]. Unit steps carry the NEMSIS 3.5
//! eTimes element that they stamp.

mod aid;
mod camera;
mod casualty;
mod clock;
mod command;
mod date;
mod derived;
mod event;
mod findings;
mod gap;
mod hospital;
mod hour;
mod id;
mod incident;
mod iso;
mod links;
mod major_incident;
mod major_order;
mod patient;
mod place;
mod position;
mod private;
mod quantity;
mod reason;
mod response;
mod time;
mod transition;
mod unit;
mod vitals;
mod watch;

pub use aid::{
    Aid, AidAsk, AidEvent, AidOrder, AidReply, AidRound, AidSide, AidWant, Delivery, LentUnit,
};
pub use camera::{CameraFinding, InvalidPhoto, PhotoFlaw, PhotoId, SeenByCamera};
pub use casualty::{
    AgeGroup, Casualty, CasualtyState, SceneEnd, TAGS_PER_CASUALTY_MAX, Tag, TagFinding, TagRecord,
};
pub use clock::{ClockOffset, Seen, joint_uncertainty};
pub use command::{Command, KEY_BYTES_MAX, Request};
pub use date::Date;
pub use derived::{ChainLink, Derived, DerivedOutcome, DerivedQuantity, Estimate, WhyMissing};
pub use event::{EtaCause, Event, Leg, Recorded};
pub use findings::{BurnDepth, Findings, Found, Judgement, RaceItems, Verdict};
pub use gap::{Gap, GapCause};
pub use hospital::{
    Census, Crowding, Doors, Reception, ReceptionAnswer, ReceptionState, Surge, Task, TaskKind,
    TaskState, TaskStep,
};
pub use hour::{HOURS_A_WEEK, HourOfWeek};
pub use id::{
    AidId, CasualtyId, CentreName, CrewId, HospitalId, IncidentId, InvalidName, PatientId,
    StationId, TaskId, UnitId,
};
pub use incident::{Call, Incident, IncidentState, Outcome, Priority, UNITS_PER_INCIDENT_MAX};
pub use links::LinkReading;
pub use major_incident::{
    Areas, CASUALTIES_MAX, MajorIncident, MajorState, Methane, StagingArea,
    UNITS_PER_MAJOR_INCIDENT_MAX,
};
pub use major_order::{CasualtyPlace, MajorEvent, MajorOrder, PlaceReason, TagOverrule};
pub use patient::{Patient, PatientState};
pub use place::{HospitalCapability, HospitalProfile, StationProfile};
pub use position::{NotOnEarth, Position};
pub use private::Private;
pub use quantity::{Bpm, BreathsPerMin, Celsius, MmHg, OutOfRange, OxygenSaturation};
pub use reason::{
    Choice, HarmMeasure, HospitalCandidate, HospitalReason, PostReason, RemoteCareReason,
    ReperfusionKind, UnitCandidate, UnitReason,
};
pub use response::{Need, NoUnit, Response, ResponseSlot, SlotState};
pub use time::{Micros, Millis, Timestamp};
pub use transition::TransitionError;
pub use unit::{Crew, CrewState, Phase, Unit, UnitKind, UnitState, UnitStep};
pub use vitals::{
    Alarm, AlarmKind, AlarmPriority, AlarmSignal, CameraPulse, ClinicalRisk, Consciousness, Frame,
    FrameBody, HeartRhythm, News2, ScoreStanding, ScoreTold, Vitals, WaveChunk,
};
pub use watch::{ClockWatch, ElectrodesExchanged, HeldAlarm, LeadCondition, LeadWatch, PulseShows};
