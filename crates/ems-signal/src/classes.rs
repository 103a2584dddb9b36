//! Tells the class of a beat, after ANSI/AAMI EC57.

use std::sync::LazyLock;

use crate::portrait::{N_PORTRAIT, Portrait};
use crate::trees::{Trees, TreesError};

/// Where a beat comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BeatClass {
    /// N: from the sinus node or a bundle branch, conducted any way.
    Normal,
    /// S: supraventricular and ectopic.
    Supraventricular,
    /// V: ventricular and ectopic.
    Ventricular,
    /// F: a ventricular and a normal beat at once.
    Fusion,
    /// Q: paced, or of no class.
    Unknown,
}

impl BeatClass {
    /// All classes, the usual one first.
    pub const ALL: [Self; 5] =
        [Self::Normal, Self::Supraventricular, Self::Ventricular, Self::Fusion, Self::Unknown];

    /// The letter of EC57.
    pub const fn letter(self) -> char {
        match self {
            Self::Normal => 'N',
            Self::Supraventricular => 'S',
            Self::Ventricular => 'V',
            Self::Fusion => 'F',
            Self::Unknown => 'Q',
        }
    }

    /// The class of an annotation by its WFDB symbol; `None` for one that is no beat.
    pub fn of_symbol(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "N" | "L" | "R" | "B" | "e" | "j" | "n" => Self::Normal,
            "A" | "a" | "J" | "S" => Self::Supraventricular,
            "V" | "E" | "r" => Self::Ventricular,
            "F" => Self::Fusion,
            "/" | "f" | "Q" | "?" => Self::Unknown,
            _ => return None,
        })
    }
}

/// Tells classes: a sum of trees for each of S, V and Q.
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    trees: [Trees<N_PORTRAIT>; 3],
}

static LEARNT: LazyLock<Classes> = LazyLock::new(|| {
    Classes::parse(include_str!("../../../data/ecg/classes.trees")).expect("a test reads the file")
});

/// Stands between the trees of two classes.
const NEXT: &str = "\n\n";

impl Classes {
    /// Those learnt from MIT-BIH.
    pub fn learnt() -> &'static Self {
        &LEARNT
    }

    /// Makes them of the trees of S, V and Q.
    pub fn new(trees: [Trees<N_PORTRAIT>; 3]) -> Self {
        Self { trees }
    }

    /// The class of a beat: Q or V if its trees say yes, the surer one; else S, but not where atria
    /// fibrillate; else N. F is not told.
    pub fn tell(&self, portrait: &Portrait) -> BeatClass {
        let [s, v, q] = self.trees.each_ref().map(|trees| trees.score(&portrait.numbers));
        if q > v.max(0.0) {
            BeatClass::Unknown
        } else if v > 0.0 {
            BeatClass::Ventricular
        } else if s > 0.0 && !portrait.is_in_fibrillation() {
            BeatClass::Supraventricular
        } else {
            BeatClass::Normal
        }
    }

    /// Reads what [`Self::to_text`] writes.
    pub fn parse(text: &str) -> Result<Self, TreesError> {
        let mut parts = text.split(NEXT);
        let mut next = || Trees::parse(parts.next().unwrap_or_default());
        Ok(Self { trees: [next()?, next()?, next()?] })
    }

    /// Writes the trees of S, V and Q.
    pub fn to_text(&self) -> String {
        self.trees.each_ref().map(|trees| trees.to_text().trim_end().to_owned()).join(NEXT) + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_learnt_classes_survive_their_file() {
        assert_eq!(Classes::parse(&Classes::learnt().to_text()).as_ref(), Ok(Classes::learnt()));
    }
}
