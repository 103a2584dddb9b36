//! What a patient's body says, as the ambulance sends it.

use serde::{Deserialize, Serialize};

use crate::{
    Bpm, BreathsPerMin, Celsius, ClockOffset, Derived, HeldAlarm, IncidentId, LeadWatch,
    LinkReading, Millis, MmHg, OxygenSaturation, Position, Timestamp, UnitId,
};

/// Level of consciousness, ACVPU (NEWS2, RCP 2017, chart 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Consciousness {
    /// Alert.
    Alert,
    /// New confusion.
    Confusion,
    /// Responds to voice.
    Voice,
    /// Responds to pain.
    Pain,
    /// Unresponsive.
    Unresponsive,
}

/// One set of vital signs. `None` is "not measured", never zero.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Vitals {
    /// From the ECG, or the pulse where there is no ECG.
    pub heart_rate: Option<Bpm>,
    /// Respiratory rate.
    pub respiratory_rate: Option<BreathsPerMin>,
    /// Oxygen saturation of the pulse.
    pub spo2: Option<OxygenSaturation>,
    /// Whether the patient breathes supplemental oxygen.
    pub on_oxygen: Option<bool>,
    /// Systolic blood pressure.
    pub systolic: Option<MmHg>,
    /// Diastolic blood pressure.
    pub diastolic: Option<MmHg>,
    /// Body temperature.
    pub temperature: Option<Celsius>,
    /// Level of consciousness.
    pub consciousness: Option<Consciousness>,
    /// The rhythm that the ECG shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rhythm: Option<HeartRhythm>,
}

/// The rhythm that one lead shows. Where P waves cannot be trusted none is claimed: a usual rate is
/// called usual, not sinus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HeartRhythm {
    /// Not known yet, or the lead cannot be used.
    Unknown,
    /// Regular, or nearly, at a usual rate.
    UsualRate,
    /// Slower.
    Bradycardia,
    /// Faster, come on by and by.
    Tachycardia,
    /// Fast at once, not ventricular.
    SupraventricularTachycardia,
    /// Uneven intervals without steady P waves, as in atrial fibrillation.
    AtrialFibrillation,
    /// Every second beat is ventricular.
    VentricularBigeminy,
    /// Every third beat is ventricular.
    VentricularTrigeminy,
    /// Ventricular beats in a row, not fast.
    Idioventricular,
    /// Ventricular beats in a row, fast.
    VentricularTachycardia,
    /// Ventricular fibrillation or flutter.
    VentricularFibrillation,
    /// No beat.
    Asystole,
}

impl HeartRhythm {
    /// Its name in files, as in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::UsualRate => "usual_rate",
            Self::Bradycardia => "bradycardia",
            Self::Tachycardia => "tachycardia",
            Self::SupraventricularTachycardia => "supraventricular_tachycardia",
            Self::AtrialFibrillation => "atrial_fibrillation",
            Self::VentricularBigeminy => "ventricular_bigeminy",
            Self::VentricularTrigeminy => "ventricular_trigeminy",
            Self::Idioventricular => "idioventricular",
            Self::VentricularTachycardia => "ventricular_tachycardia",
            Self::VentricularFibrillation => "ventricular_fibrillation",
            Self::Asystole => "asystole",
        }
    }
}

/// The clinical risk that NEWS2 assigns (RCP 2017, chart 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClinicalRisk {
    /// Aggregate 0 to 4.
    Low,
    /// A single parameter of 3.
    LowMedium,
    /// Aggregate 5 or 6.
    Medium,
    /// Aggregate 7 or more.
    High,
}

/// A NEWS2 score, whole or partial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct News2 {
    /// The sum over the parameters that were measured, 0..=20.
    pub score: u8,
    /// The risk at that sum: a lower bound while `missing` is not empty.
    pub risk: ClinicalRisk,
    /// Parameters that were not measured, by name.
    pub missing: Vec<String>,
}

/// How urgent an alarm is (IEC 60601-1-8:2006+A2:2020, clause 6.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlarmPriority {
    /// Awareness is needed.
    Low,
    /// Prompt response is needed.
    Medium,
    /// Immediate response is needed.
    High,
}

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// No beat for longer than the limit.
    Asystole,
    /// Heart rate above its limit.
    HeartRateHigh,
    /// Heart rate below its limit.
    HeartRateLow,
    /// Oxygen saturation below its limit.
    Spo2Low,
    /// Respiratory rate above its limit.
    RespirationHigh,
    /// Respiratory rate below its limit.
    RespirationLow,
    /// Systolic pressure below its limit.
    SystolicLow,
    /// Systolic pressure above its limit.
    SystolicHigh,
    /// NEWS2 aggregate at or above its limit.
    News2High,
    /// No usable ECG: electrode off or noise.
    LeadOff,
    /// The ECG fibrillates or flutters.
    VentricularFibrillation,
    /// Ventricular beats in a row, fast.
    VentricularTachycardia,
}

/// An alarm that starts or ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alarm {
    /// What it is about.
    pub kind: AlarmKind,
    /// How urgent it is.
    pub priority: AlarmPriority,
    /// Whether it starts (`true`) or ends.
    pub is_active: bool,
    /// The number that crossed the limit; `None` for a state such as lead-off.
    pub value: Option<f64>,
    /// The limit that was crossed, in the same unit.
    pub limit: Option<f64>,
    /// How it is told; absent in what was written before alarms could be acknowledged.
    #[serde(default, skip_serializing_if = "AlarmSignal::is_on")]
    pub signal: AlarmSignal,
}

/// How an alarm is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlarmSignal {
    /// Nobody has acknowledged it.
    #[default]
    On,
    /// Somebody knows; its condition lasts.
    Acknowledged,
    /// Its condition is over, and it waits for acknowledgement.
    Latched,
}

impl AlarmSignal {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    fn is_on(&self) -> bool {
        *self == Self::On
    }
}

/// A score as the ambulance tells it; its table, named by `id`, has its texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoreTold {
    /// Which: `qsofa`.
    pub id: String,
    /// The least that it can be; `None` where the score was not made for the patient.
    pub low: Option<f64>,
    /// The greatest: the same once all is known; `None` where nothing bounds it.
    pub high: Option<f64>,
    /// The class at the least, as the table names it.
    pub class_low: Option<String>,
    /// The class at the greatest.
    pub class_high: Option<String>,
    /// Items that are not known, as the table names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Whether it was made for the patient.
    pub standing: ScoreStanding,
}

/// Whether a score was made for a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScoreStanding {
    /// It was.
    Applies,
    /// Nobody said what would tell, such as the age.
    Unknown,
    /// It was not.
    DoesNotApply,
}

/// A piece of one lead's waveform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaveChunk {
    /// The lead's name: `II`, `MLII`, `V1`.
    pub lead: String,
    /// Samples a second, 1..=2000.
    pub hz: u32,
    /// One lead, microvolts, oldest first; the first sample is taken at the frame's `at`.
    pub microvolts: Vec<i16>,
    /// R waves that were found since the last piece of this lead, in samples from this piece's
    /// first; below zero where the wave had been sent before its beat was certain.
    pub beats: Vec<i32>,
}

/// A pulse rate as a camera saw it. It is no monitor's: no vital sign, in no score, of no alarm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CameraPulse {
    /// The rate.
    pub rate: Bpm,
    /// The true rate is within so many beats a minute of it, in 19 of 20 made videos.
    pub within: u16,
}

/// What one frame carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FrameBody {
    /// Vital signs and their score, once a second.
    Vitals {
        /// The readings.
        vitals: Vitals,
        /// Their score; `None` while nothing was measured, and for whom it was not made.
        news2: Option<News2>,
        /// Other scores that they begin, and NEWS2 again with what is missing.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        scores: Vec<ScoreTold>,
    },
    /// A piece of waveform.
    Wave(WaveChunk),
    /// An alarm that starts or ends; a field of its own, for an alarm has a `kind` too.
    Alarm {
        /// The alarm.
        alarm: Alarm,
    },
    /// What virtual sensors say, every few seconds.
    Derived {
        /// Each quantity once.
        derived: Vec<Derived>,
    },
    /// A pulse that a camera saw, while it does.
    CameraPulse {
        /// The pulse.
        pulse: CameraPulse,
    },
    /// How well the patient is seen: when it changes, and every few seconds.
    Watch {
        /// The leads, by name.
        leads: Vec<LeadWatch>,
        /// Alarms that are held back against a pulse wave.
        held: Vec<HeldAlarm>,
    },
    /// What the unit's links carried, every few seconds. It is about no patient.
    Links {
        /// Where the unit was; `None` where nothing told that lately.
        position: Option<Position>,
        /// The time it was read over, which ends at the frame's `at`.
        span: Millis,
        /// Each link once.
        links: Vec<LinkReading>,
    },
}

impl FrameBody {
    /// The name of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Vitals { .. } => "vitals",
            Self::Wave(_) => "wave",
            Self::Alarm { .. } => "alarm",
            Self::Derived { .. } => "derived",
            Self::CameraPulse { .. } => "camera_pulse",
            Self::Watch { .. } => "watch",
            Self::Links { .. } => "links",
        }
    }
}

/// What an ambulance sends: numbered by its gateway without gaps from 1, so that the centre can
/// tell a repeated frame from a new one and knows when one is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Frame {
    /// The unit that measured.
    pub unit: UnitId,
    /// 1 for the unit's first frame, then one more for each.
    pub seq: u64,
    /// When it was measured, on the device's clock as corrected.
    pub at: Timestamp,
    /// The incident whose patient it is about; `None` while the unit tests its devices.
    pub incident: Option<IncidentId>,
    /// How far the centre's clock was ahead of the one of `at` then; `None` where nobody knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockOffset>,
    /// What was measured.
    pub body: FrameBody,
}
