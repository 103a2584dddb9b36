//! What is said of an ECG, and why.

use crate::criteria::Source;
use crate::lead::Lead;

/// A statement with the numbers and the rule that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What is said.
    pub statement: Statement,
    /// The leads it is about, if about some.
    pub leads: Vec<Lead>,
    /// What was measured, beside its limits; all of them hold.
    pub reasons: Vec<Reason>,
    /// Where the rule comes from.
    pub source: Source,
}

/// A measured number beside its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reason {
    /// What was measured.
    pub measure: Measure,
    /// In which lead, if in one.
    pub lead: Option<Lead>,
    /// The number, in the measure's unit.
    pub value: f64,
    /// How it stands to its limit.
    pub test: Test,
    /// The limit.
    pub limit: f64,
}

/// How a number stands to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are their names")]
pub enum Test {
    AtLeast,
    Above,
    AtMost,
    Below,
}

impl Test {
    /// Whether `value` stands so to `limit`.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::AtLeast => value >= limit,
            Self::Above => value > limit,
            Self::AtMost => value <= limit,
            Self::Below => value < limit,
        }
    }
}

impl Reason {
    /// The reason if the test holds.
    pub(crate) fn of(measure: Measure, value: f64, test: Test, limit: f64) -> Option<Self> {
        let reason = Self { measure, lead: None, value, test, limit };
        test.holds(value, limit).then_some(reason)
    }

    /// The same of one lead.
    pub(crate) fn in_lead(
        lead: Lead,
        measure: Measure,
        value: f64,
        test: Test,
        limit: f64,
    ) -> Option<Self> {
        let reason = Self { measure, lead: Some(lead), value, test, limit };
        test.holds(value, limit).then_some(reason)
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($variant:ident => $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "they are their names")]
        pub enum $name { $($variant,)* }

        impl $name {
            /// Its name in files.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
        }
    };
}

named! {
    /// What can be said, the most urgent first: what makes the others wrong before them.
    Statement {
        ArmsReversed => "arm_electrodes_reversed",
        RightArmLegReversed => "right_arm_and_leg_electrodes_reversed",
        ChestReversed => "chest_electrodes_reversed",
        VentricularTachycardia => "ventricular_tachycardia",
        StElevationInfarction => "st_elevation_infarction",
        SgarbossaInfarction => "sgarbossa_infarction",
        SmithInfarction => "smith_modified_sgarbossa_infarction",
        PosteriorInfarction => "posterior_infarction_suspected",
        CompleteBlock => "third_degree_av_block",
        AdvancedBlock => "advanced_av_block",
        SecondDegreeTypeTwo => "second_degree_av_block_type_2",
        TwoToOneBlock => "two_to_one_av_block",
        SecondDegreeTypeOne => "second_degree_av_block_type_1",
        SecondDegreeBlock => "second_degree_av_block",
        AtrialFibrillation => "atrial_fibrillation",
        AtrialFlutter => "atrial_flutter",
        SupraventricularTachycardia => "supraventricular_tachycardia",
        PacedRhythm => "paced_rhythm",
        SinusRhythm => "sinus_rhythm",
        SinusBradycardia => "sinus_bradycardia",
        SinusTachycardia => "sinus_tachycardia",
        Bradycardia => "bradycardia_without_p",
        Tachycardia => "tachycardia_without_p",
        RegularWithoutP => "regular_rhythm_without_p",
        EctopicAtrialRhythm => "ectopic_atrial_rhythm",
        SinusArrhythmia => "sinus_arrhythmia",
        VentricularBigeminy => "ventricular_bigeminy",
        PrematureVentricular => "premature_ventricular_complexes",
        PrematureAtrial => "premature_supraventricular_complexes",
        FirstDegreeBlock => "first_degree_av_block",
        ShortPr => "short_pr",
        RightBundleBranchBlock => "right_bundle_branch_block",
        IncompleteRightBundleBranchBlock => "incomplete_right_bundle_branch_block",
        LeftBundleBranchBlock => "left_bundle_branch_block",
        IntraventricularDelay => "nonspecific_intraventricular_conduction_delay",
        LeftAnteriorFascicularBlock => "left_anterior_fascicular_block",
        LeftPosteriorFascicularBlock => "left_posterior_fascicular_block",
        LeftAxis => "left_axis_deviation",
        RightAxis => "right_axis_deviation",
        ExtremeAxis => "extreme_axis_deviation",
        LongQt => "prolonged_qt",
        ShortQt => "short_qt",
        LeftVentricularVoltage => "left_ventricular_hypertrophy_voltage",
        StDepression => "st_depression",
        TInversion => "t_wave_inversion",
    }
}

named! {
    /// What a reason is about.
    Measure {
        Rate => "rate_per_min",
        Irregularity => "interval_change_ratio",
        PShare => "p_wave_share",
        PAxis => "p_axis_deg",
        AtrialRate => "atrial_rate_per_min",
        BlockedP => "p_waves_not_conducted",
        BlockedInARow => "p_waves_not_conducted_in_a_row",
        PrSpread => "pr_spread_ms",
        PrGrowth => "pr_growth_ms",
        IntervalSpread => "interval_spread_ratio",
        FlutterShare => "flutter_wave_share",
        WholeShare => "whole_interval_share",
        PrematureBeats => "premature_beats",
        AlternateBeats => "alternating_beats",
        SpikeShare => "spike_share",
        Pr => "pr_ms",
        Qrs => "qrs_ms",
        Qtc => "qtc_fridericia_ms",
        Axis => "axis_deg",
        StJ => "st_j_mv",
        St60 => "st_j60_mv",
        TVoltage => "t_mv",
        QVoltage => "q_mv",
        RVoltage => "r_mv",
        R2Voltage => "r2_mv",
        SVoltage => "s_mv",
        SDuration => "s_ms",
        RPeak => "r_peak_ms",
        Terminal => "terminal_qrs_mv",
        StOverS => "st_over_s",
        Points => "points",
        SokolowLyon => "sokolow_lyon_mv",
        Cornell => "cornell_mv",
        LateralCorrelation => "correlation_with_v5_v6",
        ChestOrder => "shorter_way_over_chest",
    }
}
