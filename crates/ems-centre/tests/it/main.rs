//! The centre on the demo city: what follows from each command.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "tests read the demo city's extract and may stop at a surprise"
)]

mod aid;
mod city;
mod commands;
mod crew_hours;
mod destination;
mod doctrine;
mod drive_times;
mod eta;
mod major;
mod policy;
mod replay;
mod response;
mod traffic;
