//! What can be wrong with a data file, and with what a caller's answers were written into.

/// A data file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// It is not TOML of the expected shape.
    #[error("{file} cannot be read: {source}")]
    Malformed {
        /// Its name.
        file: String,
        /// What the parser says, with line and column.
        source: Box<toml::de::Error>,
    },
    /// It is well-formed but says something that cannot be.
    #[error("{file}: {what}")]
    Invalid {
        /// Its name.
        file: String,
        /// Value, limit and remedy.
        what: String,
    },
    /// Two files give the same id.
    #[error("{file}: {what} \"{id}\" is already given by another file: rename one of them")]
    Duplicate {
        /// The second file's name.
        file: String,
        /// What the id names.
        what: &'static str,
        /// The id.
        id: String,
    },
    /// No such priority scheme.
    #[error("priority scheme \"{scheme}\" is not one of {allowed}: choose one of them")]
    UnknownScheme {
        /// What was asked for.
        scheme: String,
        /// The schemes there are.
        allowed: String,
    },
}

impl ReferenceError {
    pub(crate) fn invalid(file: &str, what: String) -> Self {
        Self::Invalid { file: file.to_owned(), what }
    }
}

/// Something in a call that the cards and the scheme in force do not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// No such card.
    #[error("complaint \"{complaint}\" is not one of {allowed}: choose one of these cards")]
    UnknownComplaint {
        /// What was asked for.
        complaint: String,
        /// The cards there are.
        allowed: String,
    },
    /// No such question on the card.
    #[error(
        "question \"{question}\" is not on card {complaint}, which asks {allowed}: reload the cards and ask again"
    )]
    UnknownQuestion {
        /// The card.
        complaint: String,
        /// What was answered.
        question: String,
        /// The questions there are.
        allowed: String,
    },
    /// No such answer to the question.
    #[error(
        "answer \"{option}\" to question {question} of card {complaint} is not one of {allowed}: choose one, or unknown"
    )]
    UnknownOption {
        /// The card.
        complaint: String,
        /// The question.
        question: String,
        /// The answer.
        option: String,
        /// The answers there are.
        allowed: String,
    },
    /// The scheme in force has no such priority.
    #[error("priority \"{code}\" is not one of {allowed} of scheme {scheme}: choose one of them")]
    UnknownPriority {
        /// What was asked for.
        code: String,
        /// The scheme in force.
        scheme: String,
        /// The codes there are.
        allowed: String,
    },
}

/// A policy that no file gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy \"{policy}\" is not one of {allowed}: choose one of them")]
pub struct UnknownPolicy {
    /// What was asked for.
    pub policy: String,
    /// The policies there are.
    pub allowed: String,
}

/// The longest piece of someone's input that an error repeats, in characters.
const ECHO_CHARS_MAX: usize = 80;

/// Shortens what came from outside, so that an error stays readable.
pub(crate) fn echo(value: &str) -> String {
    value.chars().take(ECHO_CHARS_MAX).collect()
}

/// Lists what is allowed.
pub(crate) fn list<'a>(allowed: impl IntoIterator<Item = &'a str>) -> String {
    allowed.into_iter().collect::<Vec<_>>().join(", ")
}
