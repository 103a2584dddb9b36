//! The twelve leads and their order in space.

/// A lead of the 12-lead ECG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are their names")]
pub enum Lead {
    I,
    II,
    III,
    AVR,
    AVL,
    AVF,
    V1,
    V2,
    V3,
    V4,
    V5,
    V6,
}

/// One thing for each lead, in the order of [`Lead::ALL`].
pub(crate) type OfLeads<T> = [T; 12];

impl Lead {
    /// All of them, as they are printed.
    pub const ALL: [Self; 12] = [
        Self::I,
        Self::II,
        Self::III,
        Self::AVR,
        Self::AVL,
        Self::AVF,
        Self::V1,
        Self::V2,
        Self::V3,
        Self::V4,
        Self::V5,
        Self::V6,
    ];

    /// Leads that are neighbours in the frontal plane, from left to inferior (Cabrera), without the
    /// reversed aVR, and over the chest.
    pub(crate) const NEIGHBOURS: [&'static [Self]; 2] = [
        &[Self::AVL, Self::I, Self::II, Self::AVF, Self::III],
        &[Self::V1, Self::V2, Self::V3, Self::V4, Self::V5, Self::V6],
    ];

    /// Its name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::AVR => "aVR",
            Self::AVL => "aVL",
            Self::AVF => "aVF",
            Self::V1 => "V1",
            Self::V2 => "V2",
            Self::V3 => "V3",
            Self::V4 => "V4",
            Self::V5 => "V5",
            Self::V6 => "V6",
        }
    }

    /// The lead of that name in capitals or not; `None` for one that is none of the twelve.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lead| lead.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Its place in [`Lead::ALL`].
    pub(crate) const fn idx(self) -> usize {
        self as usize
    }
}
