//! How crowded an emergency department is, by the National Emergency Department Overcrowding Scale.
//!
//! Weiss, Derlet, Arndahl et al., "Estimating the degree of emergency department overcrowding in
//! academic medical centers", Academic Emergency Medicine 2004;11:38-50; the coefficients were
//! compared with pages that quote them.

use ems_model::Millis;

/// What a department counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Census {
    /// Patients in the department, waiting room and corridors included.
    pub patients: u32,
    /// Staffed beds of the department, 1 or more.
    pub beds: u32,
    /// Admitted patients who wait in the department for a bed of the hospital.
    pub boarders: u32,
    /// Staffed beds of the hospital, 1 or more.
    pub hospital_beds: u32,
    /// Patients in the department on a ventilator.
    pub ventilated: u32,
    /// How long the admitted patient who waits longest has waited.
    pub longest_boarding: Millis,
    /// How long the patient who was last given a bed waited for it.
    pub last_wait: Millis,
}

/// Degrees of crowding, after the same paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Crowdedness {
    /// 0 to 20.
    NotBusy,
    /// Above 20.
    Busy,
    /// Above 60.
    ExtremelyBusy,
    /// Above 100.
    Overcrowded,
    /// Above 140.
    SeverelyOvercrowded,
    /// Above 180.
    DangerouslyOvercrowded,
}

/// A department or hospital without beds has no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} is 0: a share of no beds has no meaning; report at least 1 staffed bed")]
pub struct NoBeds {
    what: &'static str,
}

/// The score: 0 for an empty department, no upper end.
///
/// A negative sum counts as 0.
pub fn nedocs(census: &Census) -> Result<f64, NoBeds> {
    let share = |n: u32, beds: u32, what| {
        if beds == 0 { Err(NoBeds { what }) } else { Ok(f64::from(n) / f64::from(beds)) }
    };
    let patients = share(census.patients, census.beds, "emergency department beds")?;
    let boarders = share(census.boarders, census.hospital_beds, "hospital beds")?;
    let score = -20.0
        + 85.8 * patients
        + 600.0 * boarders
        + 13.4 * f64::from(census.ventilated)
        + 0.93 * hours(census.longest_boarding)
        + 5.64 * hours(census.last_wait);
    Ok(score.max(0.0))
}

impl Crowdedness {
    /// The degree of a score.
    pub fn of(score: f64) -> Self {
        match score {
            score if score > 180.0 => Self::DangerouslyOvercrowded,
            score if score > 140.0 => Self::SeverelyOvercrowded,
            score if score > 100.0 => Self::Overcrowded,
            score if score > 60.0 => Self::ExtremelyBusy,
            score if score > 20.0 => Self::Busy,
            _ => Self::NotBusy,
        }
    }
}

fn hours(span: Millis) -> f64 {
    span.as_secs_f64() / 3600.0
}
