//! Priority schemes: China I-IV, ARP C1-C4, ESI 1-5, or one's own.

use ems_model::{Millis, Priority};
use serde::Deserialize;

use crate::text::{Source, Text, check_id, check_texts, check_unique, maybe_secs};

/// The levels of urgency that cards speak of, 1 to this.
pub(crate) const N_URGENCIES: u8 = 4;

/// A service's words for how urgent a call is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorityScheme {
    /// Its name: `china`, `arp`, `esi`.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// Its levels, most urgent first, ranks 1, 2, 3, ...
    pub levels: Vec<Level>,
    /// The code for each urgency of the cards, urgency 1 first.
    pub by_urgency: [String; N_URGENCIES as usize],
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// One level of a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// 1 is the most urgent.
    pub rank: u8,
    /// The scheme's own word: `I`, `C1`, `ESI-2`.
    pub code: String,
    /// Its name for people.
    pub name: Text,
    /// The time from call to arrival that units are weighed against; `None` where there is none.
    #[serde(rename = "target_s", default, deserialize_with = "maybe_secs")]
    pub target: Option<Millis>,
    /// Whether the target was compared with a source.
    #[serde(rename = "verified")]
    pub is_verified: bool,
}

impl PriorityScheme {
    /// The priority of a code, if the scheme has it.
    pub(crate) fn priority(&self, code: &str) -> Option<Priority> {
        let level = self.levels.iter().find(|level| level.code == code)?;
        Some(Priority { rank: level.rank, code: level.code.clone() })
    }

    /// The priority of an urgency of the cards, 1..=4.
    pub(crate) fn of_urgency(&self, urgency: u8) -> Priority {
        assert!((1..=N_URGENCIES).contains(&urgency), "cards are checked to say 1 to 4");
        let code = &self.by_urgency[usize::from(urgency) - 1];
        self.priority(code).expect("the check has found each urgency's code among the levels")
    }

    /// The urgency of the cards, 1..=4, that a priority of this scheme stands for.
    pub(crate) fn urgency_of(&self, priority: &Priority) -> u8 {
        let is_above = |urgency: &u8| self.of_urgency(*urgency).rank < priority.rank;
        (1..N_URGENCIES).take_while(is_above).last().map_or(1, |urgency| urgency + 1)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        check_id("scheme", &self.id)?;
        let names = self.levels.iter().map(|level| &level.name);
        check_texts(names.chain([&self.name]), &self.sources)?;
        check_unique("code", self.levels.iter().map(|level| level.code.as_str()))?;
        for (level, rank) in self.levels.iter().zip(1_u8..) {
            if level.rank != rank {
                return Err(format!(
                    "level {} has rank {}, not {rank}: list levels by rank from 1 without gaps",
                    level.code, level.rank
                ));
            }
        }
        self.check_urgencies()
    }

    fn check_urgencies(&self) -> Result<(), String> {
        let mut last = 0;
        for code in &self.by_urgency {
            let Some(priority) = self.priority(code) else {
                return Err(format!("by_urgency names \"{code}\", no level has that code"));
            };
            if priority.rank < last {
                return Err(format!("by_urgency names \"{code}\" after a less urgent code"));
            }
            last = priority.rank;
        }
        Ok(())
    }
}
