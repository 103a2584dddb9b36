//! The command centre as a pure state machine: command + state + now -> events; events -> state.
//!
//! It opens no socket or file and asks no clock. Whoever hosts it makes the events durable before
//! answering; if that fails, the host throws the [`Centre`] away and replays the log. Read
//! [`Centre::handle`] (what is decided) and `apply.rs` (how events change the [`Ledger`]): the
//! lifecycles are enforced there and nowhere else.

mod aid;
mod apply;
mod asked;
mod camera;
mod centre;
mod checks;
mod city;
mod cover;
mod decide;
mod destination;
mod divert;
mod drive_times;
mod eta;
mod exchange;
mod fleet;
mod hours;
mod ledger;
mod live;
mod look_ahead;
mod losses;
mod major;
mod policy;
mod post;
mod rearrange;
mod recommend;
mod rejection;
mod report;
mod response;
mod traffic;
mod whereabouts;

pub use aid::AidLetter;
pub use apply::ReplayError;
pub use centre::{Centre, CentreConfig, Wake};
pub use checks::check_age;
pub use city::City;
pub use cover::{Demand, DemandError};
pub use drive_times::{DriveTimes, EtaSpread, NamedWeek};
pub use eta::UnitRoute;
pub use exchange::Takeover;
pub use fleet::{Survey, Surveyed};
pub use hours::Hours;
pub use ledger::{
    Accepted, ActiveAlarm, Eta, Etime, Guest, HospitalRecord, IncidentRecord, Ledger, Posted,
    RemoteCare, UnitRecord,
};
pub use live::{Fix, LatestVitals};
pub use major::{CasualtyAdvice, HospitalLoad, MajorRefusal, PlaceAdvice};
pub use recommend::Recommendation;
pub use rejection::{LastChange, Rejection};
pub use report::{
    CallReport, ClockReport, Histogram, HospitalReport, OverruleReport, Overruled, Report, Spread,
    TaskReport, UnitReport,
};
pub use traffic::{CityTraffic, Relaid, Relay, Source, TrafficSummary};
