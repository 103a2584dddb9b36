//! Words for people, in both languages.

use serde::Deserialize;

/// The same words in English and Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese, simplified.
    pub zh: String,
}

impl Text {
    /// Whether both languages say something.
    pub(crate) fn is_whole(&self) -> bool {
        ![&self.en, &self.zh].iter().any(|text| text.trim().is_empty())
    }
}
