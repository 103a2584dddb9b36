//! Times of messages (HL7 version 2.6, 2.A.22).

use ems_model::Timestamp;

/// A UTC time as a field gives it.
pub(super) fn field(at: Timestamp) -> String {
    let text = at.to_rfc3339();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits + "+0000"
}
