//! What was odd about an extract: counted, with the first example, never fatal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One kind of oddity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// What was odd and what was done about it.
    pub what: String,
    /// How often.
    pub count: u32,
    /// The first place where it was: an element's id, a tag's value.
    pub example: String,
}

/// Collects oddities by kind.
#[derive(Debug, Default)]
pub(crate) struct Complaints(BTreeMap<&'static str, (u32, String)>);

impl Complaints {
    pub(crate) fn add(&mut self, what: &'static str, example: impl FnOnce() -> String) {
        self.add_n(what, 1, example);
    }

    pub(crate) fn add_n(&mut self, what: &'static str, n: u32, example: impl FnOnce() -> String) {
        if n > 0 {
            self.0.entry(what).or_insert_with(|| (0, example())).0 += n;
        }
    }

    pub(crate) fn into_list(self) -> Vec<Complaint> {
        let complaint = |(what, (count, example)): (&str, (u32, String))| Complaint {
            what: what.to_owned(),
            count,
            example,
        };
        self.0.into_iter().map(complaint).collect()
    }
}
