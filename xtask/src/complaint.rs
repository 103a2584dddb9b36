//! A broken rule, said so that the next person knows what to do.

use std::fmt;

/// One broken rule: where, what with its limit, and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Complaint {
    pub(crate) file: String,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) fact: String,
    pub(crate) remedy: String,
}

impl Complaint {
    pub(crate) fn new(
        file: &str,
        line: usize,
        fact: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { file: file.to_owned(), line, fact: fact.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.fact, self.remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_names_place_fact_and_remedy() {
        let complaint = Complaint::new("a.rs", 7, "line is 120 of 100 characters", "break it");
        assert_eq!(complaint.to_string(), "a.rs:7: line is 120 of 100 characters: break it");
    }
}
