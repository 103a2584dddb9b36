//! The texts of scores, by the names that vital signs carry.

use std::collections::BTreeMap;

use ems_clinical::{Score, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::text::TextView;

/// A score's texts, and where it comes from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ScoreView {
    id: String,
    title: TextView,
    edition: String,
    /// Whether its figures were compared with a source.
    is_verified: bool,
    /// Places after the point when it is shown.
    decimals: usize,
    note: Option<TextView>,
    /// Names of items by their ids.
    items: BTreeMap<String, TextView>,
    /// Names of classes by their ids.
    classes: BTreeMap<String, TextView>,
}

impl From<&Score> for ScoreView {
    fn from(score: &Score) -> Self {
        let items = score.items.iter().map(|it| (it.id.clone(), TextView::from(&it.name)));
        let classes = score.classes.iter().map(|it| (it.id.clone(), TextView::from(&it.name)));
        Self {
            id: score.id.clone(),
            title: TextView::from(&score.title),
            edition: score.edition.clone(),
            is_verified: score.verified,
            decimals: score.decimals,
            note: score.note.as_ref().map(TextView::from),
            items: items.collect(),
            classes: classes.collect(),
        }
    }
}

impl From<&Text> for TextView {
    fn from(text: &Text) -> Self {
        Self::new(&text.en, &text.zh)
    }
}
