//! The error of a step that a lifecycle does not allow.

use std::fmt::Display;

/// A step that the present state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject} {id} is {state} and cannot {step}: it must be {legal}")]
pub struct TransitionError {
    /// What was to change: `unit`, `incident`, ...
    pub subject: &'static str,
    /// Which one.
    pub id: String,
    /// The state it is in.
    pub state: String,
    /// The step that was asked for.
    pub step: String,
    /// The states that allow the step.
    pub legal: &'static str,
}

impl TransitionError {
    pub(crate) fn new(
        subject: &'static str,
        id: &impl Display,
        state: impl Display,
        step: &str,
        legal: &'static str,
    ) -> Self {
        let (id, state, step) = (id.to_string(), state.to_string(), step.to_owned());
        Self { subject, id, state, step, legal }
    }
}
