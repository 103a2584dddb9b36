//! What a field of a command may hold.

use ems_model::{Call, Census, Crowding, Findings, Millis, Timestamp};

use crate::rejection::Rejection;

/// The longest text of a person, in bytes.
const TEXT_BYTES_MAX: usize = 1_000;
/// The oldest patient.
const AGE_MAX: u8 = 130;
/// How far a call's clock may run ahead of the centre's.
const AHEAD_MAX: Millis = Millis::from_secs(60);
/// How long ago a call may have rung, and have been answered.
const RANG_AGO_MAX: Millis = Millis::from_mins(24 * 60);
/// How long ago an illness may have begun, a month.
const ONSET_AGO_MAX: Millis = Millis::from_mins(30 * 24 * 60);
/// The most patients or places of an emergency department.
const CROWD_MAX: i64 = 10_000;

/// Longest wait in a department, a month.
const WAIT_MAX: Millis = Millis::from_mins(30 * 24 * 60);
/// The longest that a crew signs on for; rosters without shift changes are rehearsed too.
pub(crate) const SHIFT_MAX: Millis = Millis::from_mins(31 * 24 * 60);
/// The longest range of a vehicle, kilometres.
pub(crate) const KM_MAX: i64 = 2_000;
/// The longest protected break.
pub(crate) const REST_MAX: Millis = Millis::from_mins(24 * 60);
/// The longest diversion that ends by itself.
pub(crate) const DIVERSION_MAX: Millis = Millis::from_mins(30 * 24 * 60);

pub(crate) fn check_call(now: Timestamp, call: &Call) -> Result<(), Rejection> {
    check_length("address", &call.address, 0, TEXT_BYTES_MAX)?;
    if let Some(caller) = &call.caller {
        check_length("caller", caller.reveal(), 0, TEXT_BYTES_MAX)?;
    }
    check_age(call.age)?;
    check_clock("rang_at", now, call.rang_at, AHEAD_MAX)?;
    check_clock("rang_at", call.rang_at, now, RANG_AGO_MAX)?;
    let answered = call.answered_at.unwrap_or(call.rang_at);
    check_clock("answered_at", now, answered, AHEAD_MAX)?;
    check_clock("answered_at", answered, now, RANG_AGO_MAX)?;
    let by = call.rang_at.since(answered);
    if by > Millis::ZERO { Err(Rejection::AnsweredBeforeRing { by }) } else { Ok(()) }
}

fn check_clock(
    field: &'static str,
    now: Timestamp,
    at: Timestamp,
    limit: Millis,
) -> Result<(), Rejection> {
    let off = Millis::new(at.as_micros().saturating_sub(now.as_micros()) / 1000);
    if off > limit { Err(Rejection::Clock { field, off, limit }) } else { Ok(()) }
}

pub(crate) fn crowding(
    now: Timestamp,
    occupied: u32,
    beds: u32,
    census: Option<Census>,
) -> Result<Crowding, Rejection> {
    within("occupied", occupied.into(), [0, CROWD_MAX])?;
    within("beds", beds.into(), [1, CROWD_MAX])?;
    if let Some(census) = census {
        within("boarders", census.boarders.into(), [0, occupied.into()])?;
        within("hospital_beds", census.hospital_beds.into(), [1, CROWD_MAX])?;
        within("ventilated", census.ventilated.into(), [0, occupied.into()])?;
        within("longest_boarding", census.longest_boarding.get(), [0, WAIT_MAX.get()])?;
        within("last_wait", census.last_wait.get(), [0, WAIT_MAX.get()])?;
    }
    Ok(Crowding { occupied, beds, census, reported_at: now })
}

pub(crate) fn within(
    field: &'static str,
    value: i64,
    [min, max]: [i64; 2],
) -> Result<(), Rejection> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(Rejection::Range { field, value, min, max })
}

/// A patient's age, where it is known: 0..=130 years.
pub fn check_age(age: Option<u8>) -> Result<(), Rejection> {
    match age.filter(|age| *age > AGE_MAX) {
        Some(age) => {
            let (value, max) = (age.into(), AGE_MAX.into());
            Err(Rejection::Range { field: "age", value, min: 0, max })
        }
        None => Ok(()),
    }
}

/// A time to come, not too far off.
pub(crate) fn check_ahead(
    field: &'static str,
    now: Timestamp,
    at: Timestamp,
    limit: Millis,
) -> Result<(), Rejection> {
    let off = at.since(now);
    if at > now && off <= limit { Ok(()) } else { Err(Rejection::Ahead { field, off, limit }) }
}

/// A text that somebody is meant to read.
pub(crate) fn check_text(field: &'static str, text: &str) -> Result<(), Rejection> {
    check_length(field, text, 1, TEXT_BYTES_MAX)?;
    if text.trim().is_empty() { Err(Rejection::Blank { field }) } else { Ok(()) }
}

/// A reason, where one is given.
pub(crate) fn check_reason(field: &'static str, reason: Option<&str>) -> Result<(), Rejection> {
    reason.map_or(Ok(()), |reason| check_text(field, reason))
}

pub(crate) fn check_length(
    field: &'static str,
    text: &str,
    min: usize,
    max: usize,
) -> Result<(), Rejection> {
    if (min..=max).contains(&text.len()) {
        Ok(())
    } else {
        Err(Rejection::Length { field, bytes: text.len(), min, max })
    }
}

/// What a crew may have measured, and when it may have happened.
pub(crate) fn check_findings(now: Timestamp, findings: &Findings) -> Result<(), Rejection> {
    let within = |field, value: Option<i64>, range| {
        value.map_or(Ok(()), |value| within(field, value, range))
    };
    match findings {
        Findings::Stroke { race, last_known_well } => {
            for (item, points, most) in race.items() {
                within(item, points.map(i64::from), [0, most.into()])?;
            }
            check_past("last_known_well", now, *last_known_well)
        }
        Findings::Ecg { recorded_at, onset, .. } => {
            check_past("recorded_at", now, Some(*recorded_at))?;
            check_past("onset", now, *onset)
        }
        Findings::Injury { motor, breaths, saturation, systolic, pulse, .. } => {
            within("motor", motor.map(i64::from), [1, 6])?;
            within("breaths", breaths.map(i64::from), [0, 100])?;
            within("saturation", saturation.map(i64::from), [0, 100])?;
            within("systolic", systolic.map(i64::from), [0, 300])?;
            within("pulse", pulse.map(i64::from), [0, 350])
        }
        Findings::Burn { tbsa_percent, .. } => {
            within("tbsa_percent", tbsa_percent.map(i64::from), [0, 100])
        }
        Findings::Obstetric { weeks, .. } => within("weeks", weeks.map(i64::from), [1, 45]),
        Findings::Child { .. } => Ok(()),
    }
}

/// A time that has been, and not too long ago to matter.
fn check_past(field: &'static str, now: Timestamp, at: Option<Timestamp>) -> Result<(), Rejection> {
    let Some(at) = at else { return Ok(()) };
    check_clock(field, now, at, AHEAD_MAX)?;
    check_clock(field, at, now, ONSET_AGO_MAX)
}
