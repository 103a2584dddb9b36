//! What is wrong at one place of a message.

use std::borrow::Cow;

use crate::wfdb::shorten;

/// A place of a message that does not hold what it should.
///
/// As an error, nothing of the message could be read; as a [`Complaint`](crate::Complaint), the
/// rest was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} is {found}, not {expected}: {remedy}")]
pub struct Fault {
    /// Where: the field, segment or byte.
    pub place: String,
    /// What stands there, shortened.
    pub found: String,
    /// What may stand there: the limit, the type, the values.
    pub expected: Cow<'static, str>,
    /// What the reader can do about it.
    pub remedy: &'static str,
}

impl Fault {
    pub(crate) fn new(
        place: impl Into<String>,
        found: impl std::fmt::Display,
        expected: impl Into<Cow<'static, str>>,
        remedy: &'static str,
    ) -> Self {
        let found = shorten(&found.to_string());
        Self { place: shorten(&place.into()), found, expected: expected.into(), remedy }
    }
}
