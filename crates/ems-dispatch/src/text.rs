//! Words for people, in both languages, and where a figure comes from.

use ems_model::Millis;
use serde::{Deserialize, Deserializer};

use crate::field_triage::Criterion;

/// The same words in English and Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese, simplified.
    pub zh: String,
}

/// Where a data file's rules or figures come from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The publication with edition and section, or "the project's own estimate".
    pub text: String,
    /// Whether the figures were compared with that publication or with a page that quotes it.
    pub verified: bool,
}

/// The longest time a data file may name: a day, in seconds.
pub(crate) const SECS_MAX: u32 = 86_400;

/// Reads whole seconds, 0..=86400, as they stand in a file.
pub(crate) fn secs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Millis, D::Error> {
    let secs = u32::deserialize(deserializer)?;
    if secs > SECS_MAX {
        let limit = format!("{secs} s is outside 0..={SECS_MAX}: write seconds, a day at most");
        return Err(serde::de::Error::custom(limit));
    }
    Ok(Millis::from_secs(i64::from(secs)))
}

/// Reads seconds that may be absent.
pub(crate) fn maybe_secs<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Millis>, D::Error> {
    secs(deserializer).map(Some)
}

/// Reads whole minutes, 0..=1440, as they stand in a file.
pub(crate) fn mins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Millis, D::Error> {
    let mins = u32::deserialize(deserializer)?;
    if mins > SECS_MAX / 60 {
        let limit = format!("{mins} min is outside 0..=1440: write minutes, a day at most");
        return Err(serde::de::Error::custom(limit));
    }
    Ok(Millis::from_mins(i64::from(mins)))
}

/// Says what is wrong with a file's texts and sources, if something is.
pub(crate) fn check_texts<'a>(
    texts: impl IntoIterator<Item = &'a Text>,
    sources: &[Source],
) -> Result<(), String> {
    for text in texts {
        if text.en.trim().is_empty() || text.zh.trim().is_empty() {
            return Err(format!(
                "text {{ en = \"{}\", zh = \"{}\" }} is empty in one language: write both",
                text.en, text.zh
            ));
        }
    }
    if sources.iter().all(|source| source.text.trim().is_empty()) {
        return Err("it names no source: add [[sources]] with text and verified".into());
    }
    Ok(())
}

/// Whether every figure of a file was compared with its source.
pub(crate) fn is_verified(sources: &[Source]) -> bool {
    sources.iter().all(|source| source.verified)
}

/// Says what is wrong with criteria, if something is.
pub(crate) fn check_criteria<'a>(
    criteria: impl Iterator<Item = &'a Criterion> + Clone,
    sources: &[Source],
) -> Result<(), String> {
    check_texts(criteria.clone().map(|criterion| &criterion.name), sources)?;
    check_unique("criterion", criteria.clone().map(|criterion| criterion.id.as_str()))?;
    criteria.into_iter().try_for_each(|criterion| check_id("criterion", &criterion.id))
}

/// Says whether a name is NAME/VERSION as the log keeps it.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let has_version = name
        .split_once('/')
        .is_some_and(|(name, version)| !name.is_empty() && version.parse::<u32>().is_ok());
    if has_version && name.len() <= 40 {
        Ok(())
    } else {
        Err(format!("name \"{name}\" is not NAME/VERSION: write \"my-policy/1\""))
    }
}

/// Says whether an id is 1 to 40 characters of a-z 0-9 and `-`.
pub(crate) fn check_id(what: &str, id: &str) -> Result<(), String> {
    let is_plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if (1..=40).contains(&id.len()) && is_plain {
        Ok(())
    } else {
        Err(format!("{what} id \"{id}\" is not 1 to 40 characters of a-z 0-9 -: rename it"))
    }
}

/// Says which id comes twice, if one does.
pub(crate) fn check_unique<'a>(
    what: &str,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(format!("{what} \"{id}\" comes twice: rename one of them"));
        }
    }
    Ok(())
}
