//! The fields of one JSON message, taken out one by one, with complaints about the wrong ones.

use ems_model::{Consciousness, OutOfRange};
use serde_json::{Map, Value};

use super::FeedError;
use crate::complaint::Complaint;
use crate::wfdb::shorten;

pub(crate) struct Fields {
    left: Map<String, Value>,
    complaints: Vec<Complaint>,
}

/// No more complaints than this are kept of one message.
const MAX_COMPLAINTS: usize = 32;

impl Fields {
    pub(crate) fn new(object: Map<String, Value>) -> Self {
        Self { left: object, complaints: vec![] }
    }

    /// A field without which the message says nothing.
    pub(crate) fn needed<T>(
        &mut self,
        field: &'static str,
        expected: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, FeedError> {
        let value = self.left.remove(field);
        let found = || value.as_ref().map_or("missing".to_owned(), as_json);
        value.as_ref().and_then(read).ok_or_else(|| FeedError::Field {
            field,
            found: found(),
            expected,
        })
    }

    pub(crate) fn quantity<T: TryFrom<f64, Error = OutOfRange>>(
        &mut self,
        field: &str,
    ) -> Option<T> {
        let number = self.optional(field, "a number", Value::as_f64)?;
        T::try_from(number).map_err(|error| self.complaints.push(error.into())).ok()
    }

    pub(crate) fn flag(&mut self, field: &str) -> Option<bool> {
        self.optional(field, "true or false", Value::as_bool)
    }

    pub(crate) fn consciousness(&mut self, field: &str) -> Option<Consciousness> {
        let expected = "alert, confusion, voice, pain or unresponsive";
        self.optional(field, expected, |value| serde_json::from_value(value.clone()).ok())
    }

    /// The complaints so far, and one for each field that nobody took.
    pub(crate) fn into_complaints(self) -> Vec<Complaint> {
        let unknown = self.left.iter().map(|(field, _)| shorten(field));
        let unknown = unknown.map(|field| Complaint::UnknownField { field });
        self.complaints.into_iter().chain(unknown).take(MAX_COMPLAINTS).collect()
    }

    pub(crate) fn optional<T>(
        &mut self,
        field: &str,
        expected: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.left.remove(field).filter(|value| !value.is_null())?;
        let found = read(&value);
        if found.is_none() {
            let (field, found) = (field.to_owned(), as_json(&value));
            self.complaints.push(Complaint::WrongType { field, found, expected });
        }
        found
    }
}

fn as_json(value: &Value) -> String {
    shorten(&value.to_string())
}
