//! Texts in both languages, and where they come from.

use ems_dispatch::{Source, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// A text in both languages.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TextView {
    en: String,
    zh: String,
}

impl TextView {
    pub(crate) fn new(en: &str, zh: &str) -> Self {
        Self { en: en.to_owned(), zh: zh.to_owned() }
    }
}

impl From<&Text> for TextView {
    fn from(text: &Text) -> Self {
        Self::new(&text.en, &text.zh)
    }
}

/// Where a text comes from, and whether that was checked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceView {
    text: String,
    verified: bool,
}

impl From<&Source> for SourceView {
    fn from(source: &Source) -> Self {
        Self { text: source.text.clone(), verified: source.verified }
    }
}
