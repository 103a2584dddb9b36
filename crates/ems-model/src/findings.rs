//! What a crew finds on scene, and what follows from it for the choice of a hospital.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{HospitalCapability, Millis, Timestamp, UnitId};

/// What a crew finds on scene that decides where the patient belongs.
///
/// What was not looked at is `None`, and speaks for nothing. Criteria and signs are named as the
/// files in `data/dispatch/destination/` name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Findings {
    /// A suspected stroke.
    Stroke {
        /// The five signs.
        race: RaceItems,
        /// When the patient was last known well.
        last_known_well: Option<Timestamp>,
    },
    /// A 12-lead ECG.
    Ecg {
        /// Whether it shows ST elevation of a heart attack.
        is_stemi: bool,
        /// When it was recorded: the diagnosis, where it shows one.
        recorded_at: Timestamp,
        /// When the pain began.
        onset: Option<Timestamp>,
        /// Whether this crew can give lysis on scene.
        crew_gives_lysis: Option<bool>,
    },
    /// An injury, by field triage.
    Injury {
        /// Motor answer of the Glasgow Coma Scale, 1..=6.
        motor: Option<u8>,
        /// Breaths a minute, 0..=100.
        breaths: Option<u16>,
        /// Oxygen saturation in room air, percent, 0..=100.
        saturation: Option<u8>,
        /// Systolic blood pressure, mmHg, 0..=300.
        systolic: Option<u16>,
        /// Beats a minute, 0..=350.
        pulse: Option<u16>,
        /// Criteria that are met.
        criteria: BTreeSet<String>,
    },
    /// A burn.
    Burn {
        /// Share of the body surface burnt to partial or full thickness, percent, 0..=100.
        tbsa_percent: Option<u8>,
        /// The deepest part.
        depth: Option<BurnDepth>,
        /// Criteria that are met.
        criteria: BTreeSet<String>,
    },
    /// A pregnancy or birth.
    Obstetric {
        /// Completed weeks of pregnancy, 1..=45.
        weeks: Option<u8>,
        /// Signs that are there.
        signs: BTreeSet<String>,
    },
    /// A child by the Pediatric Assessment Triangle: `true` is abnormal.
    Child {
        /// Tone, interaction, gaze, cry.
        appearance: Option<bool>,
        /// Work of breathing.
        breathing: Option<bool>,
        /// Circulation to the skin.
        circulation: Option<bool>,
    },
}

/// The signs of the Rapid Arterial oCclusion Evaluation (Pérez de la Ossa et al., Stroke 2014).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RaceItems {
    /// Facial palsy, 0..=2.
    pub face: Option<u8>,
    /// Motor function of the arm, 0..=2.
    pub arm: Option<u8>,
    /// Motor function of the leg, 0..=2.
    pub leg: Option<u8>,
    /// Head and gaze deviation, 0..=1.
    pub gaze: Option<u8>,
    /// Aphasia with a right, agnosia with a left hemiparesis, 0..=2.
    pub cortex: Option<u8>,
}

impl RaceItems {
    /// The items by name with their highest score.
    pub fn items(&self) -> [(&'static str, Option<u8>, u8); 5] {
        [
            ("face", self.face, 2),
            ("arm", self.arm, 2),
            ("leg", self.leg, 2),
            ("gaze", self.gaze, 1),
            ("cortex", self.cortex, 2),
        ]
    }
}

/// How deep a burn goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BurnDepth {
    /// Redness alone.
    Superficial,
    /// Blisters.
    Partial,
    /// Blisters that are pale and hurt little.
    DeepPartial,
    /// Leathery, white or charred.
    Full,
}

impl Findings {
    /// What they are about; a later finding about the same takes the place of an earlier one.
    pub fn subject(&self) -> &'static str {
        match self {
            Self::Stroke { .. } => "stroke",
            Self::Ecg { .. } => "ecg",
            Self::Injury { .. } => "injury",
            Self::Burn { .. } => "burn",
            Self::Obstetric { .. } => "obstetric",
            Self::Child { .. } => "child",
        }
    }
}

/// Findings with who made them and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Found {
    /// What was found.
    pub findings: Findings,
    /// Whose crew.
    pub unit: UnitId,
    /// Who wrote it down.
    pub actor: String,
    /// When it was found.
    pub at: Timestamp,
}

/// What findings mean by the rules of a data file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Judgement {
    /// The file with its version: `stroke-outcome/1`.
    pub model: String,
    /// Whether every figure of the file was compared with its source.
    pub is_verified: bool,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows from findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// A RACE score.
    Stroke {
        /// The points of the signs that were looked at, 0..=9.
        race: u8,
        /// Signs that were not: the score may be higher.
        missing: Vec<String>,
        /// From this score on a large vessel occlusion is told as likely.
        positive_from: u8,
        /// Share of ischaemic strokes of that score with a large vessel occlusion, per mille;
        /// `None` while a sign is missing.
        occlusion_permille: Option<u16>,
        /// From last known well until the unit is expected to leave the scene; `None` if unknown.
        since_onset: Option<Millis>,
    },
    /// An ECG with ST elevation.
    Stemi {
        /// From the ECG until the unit is expected to leave the scene.
        since_diagnosis: Millis,
        /// From onset of pain until then; `None` if unknown.
        since_onset: Option<Millis>,
        /// Longest expected time from the diagnosis to the wire before lysis comes first.
        wire_max: Millis,
    },
    /// Criteria of a file that are met, and what they ask for.
    Criteria {
        /// How grave: `red`, `yellow`; `immediate`, `consult`; ... or `none`.
        grade: String,
        /// Those met, as the file or the finding names them.
        met: Vec<String>,
        /// What nobody has looked at: it may be graver.
        missing: Vec<String>,
        /// What the hospital must have for it.
        needs: Vec<HospitalCapability>,
        /// What it should have where that costs little time.
        prefers: Vec<HospitalCapability>,
    },
}
