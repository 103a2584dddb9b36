//! How crowded an emergency department is, by the National Emergency Department Overcrowding Scale.
//!
//! Weiss, Derlet, Arndahl et al., "Estimating the degree of emergency department overcrowding in
//! academic medical centers", Academic Emergency Medicine 2004;11:38-50; the coefficients were
//! compared with pages that quote them.

use ems_model::{Crowding, Millis};

/// The score: 0 for an empty department, no upper end; `None` where the department told no census.
///
/// A negative sum counts as 0, and no beds as one.
pub fn nedocs(crowding: &Crowding) -> Option<f64> {
    let census = crowding.census?;
    let share = |n: u32, beds: u32| f64::from(n) / f64::from(beds.max(1));
    let score = -20.0
        + 85.8 * share(crowding.occupied, crowding.beds)
        + 600.0 * share(census.boarders, census.hospital_beds)
        + 13.4 * f64::from(census.ventilated)
        + 0.93 * hours(census.longest_boarding)
        + 5.64 * hours(census.last_wait);
    Some(score.max(0.0))
}

/// The score in whole points.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is not negative, and one too large for 32 bits becomes the largest"
)]
pub fn nedocs_points(crowding: &Crowding) -> Option<u32> {
    nedocs(crowding).map(|score| score.round() as u32)
}

fn hours(span: Millis) -> f64 {
    span.as_secs_f64() / 3600.0
}
