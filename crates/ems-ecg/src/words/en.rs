//! English.

use crate::finding::{Measure, Statement};
use crate::measure::Missing;

pub(super) const fn statement(statement: Statement) -> &'static str {
    use Statement as S;
    match statement {
        S::ArmsReversed => "Electrodes of the right and left arm exchanged? Check them",
        S::RightArmLegReversed => "Electrodes of the right arm and left leg exchanged? Check them",
        S::ChestReversed => "Chest electrodes exchanged? Check them",
        S::VentricularTachycardia => "Wide-complex tachycardia: ventricular until proved otherwise",
        S::StElevationInfarction => "ST elevation: meets the criteria of infarction",
        S::SgarbossaInfarction => "ST: meets Sgarbossa's criteria of infarction",
        S::SmithInfarction => "ST: meets Smith's modified Sgarbossa criteria of infarction",
        S::PosteriorInfarction => "ST depression V1-V3: posterior infarction? Record V7-V9",
        S::CompleteBlock => "Third-degree (complete) AV block",
        S::AdvancedBlock => "Advanced second-degree AV block",
        S::SecondDegreeTypeTwo => "Second-degree AV block, type II (Mobitz)",
        S::TwoToOneBlock => "Second-degree AV block, 2:1",
        S::SecondDegreeTypeOne => "Second-degree AV block, type I (Wenckebach)",
        S::SecondDegreeBlock => "Second-degree AV block, of which type cannot be told",
        S::AtrialFibrillation => "Atrial fibrillation",
        S::AtrialFlutter => "Atrial flutter",
        S::SupraventricularTachycardia => "Supraventricular tachycardia",
        S::PacedRhythm => "Paced rhythm",
        S::SinusRhythm => "Sinus rhythm",
        S::SinusBradycardia => "Sinus bradycardia",
        S::SinusTachycardia => "Sinus tachycardia",
        S::Bradycardia => "Bradycardia without P waves",
        S::Tachycardia => "Tachycardia without P waves",
        S::RegularWithoutP => "Regular rhythm without P waves",
        S::EctopicAtrialRhythm => "Atrial rhythm, not of the sinus node",
        S::SinusArrhythmia => "Sinus arrhythmia",
        S::VentricularBigeminy => "Ventricular bigeminy",
        S::PrematureVentricular => "Premature ventricular complexes",
        S::PrematureAtrial => "Premature supraventricular complexes",
        S::FirstDegreeBlock => "First-degree AV block",
        S::ShortPr => "Short PR interval",
        S::RightBundleBranchBlock => "Right bundle branch block",
        S::IncompleteRightBundleBranchBlock => "Incomplete right bundle branch block",
        S::LeftBundleBranchBlock => "Left bundle branch block",
        S::IntraventricularDelay => "Intraventricular conduction delay",
        S::LeftAnteriorFascicularBlock => "Left anterior fascicular block",
        S::LeftPosteriorFascicularBlock => "Left posterior fascicular block",
        S::LeftAxis => "Left axis deviation",
        S::RightAxis => "Right axis deviation",
        S::ExtremeAxis => "Extreme axis deviation",
        S::LongQt => "Prolonged QT interval",
        S::ShortQt => "Short QT interval",
        S::LeftVentricularVoltage => "Voltage of left ventricular hypertrophy",
        S::StDepression => "ST depression",
        S::TInversion => "T wave inversion",
    }
}

pub(super) const fn measure(measure: Measure) -> &'static str {
    use Measure as M;
    match measure {
        M::Rate => "rate",
        M::Irregularity => "change of intervals",
        M::PShare => "share of beats with P",
        M::PAxis => "P axis",
        M::AtrialRate => "atrial rate",
        M::BlockedP => "P waves not conducted",
        M::BlockedInARow => "not conducted in a row",
        M::PrSpread => "PR differs by",
        M::PrGrowth => "PR before a pause longer by",
        M::IntervalSpread => "intervals differ by",
        M::FlutterShare => "share of flutter waves",
        M::WholeShare => "intervals of whole waves",
        M::PrematureBeats => "premature beats",
        M::AlternateBeats => "beats by turns",
        M::SpikeShare => "share of beats with a spike",
        M::Pr => "PR",
        M::Qrs => "QRS",
        M::Qtc => "QTc (Fridericia)",
        M::Axis => "axis",
        M::StJ => "ST at J",
        M::St60 => "ST at J+60",
        M::TVoltage => "T",
        M::QVoltage => "Q",
        M::RVoltage => "R",
        M::R2Voltage => "R'",
        M::SVoltage => "S",
        M::SDuration => "S lasts",
        M::RPeak => "R peak after",
        M::Terminal => "end of QRS",
        M::StOverS => "ST/S",
        M::Points => "points",
        M::SokolowLyon => "S V1 + R V5/6",
        M::Cornell => "R aVL + S V3",
        M::LateralCorrelation => "correlation with V5, V6",
        M::ChestOrder => "V1-V6 smoother the other way by",
    }
}

pub(super) fn missing(missing: Missing) -> String {
    match missing {
        Missing::NoPWave => "PR, P: no P wave stands out of the line before the complexes",
        Missing::NoTEnd => "QT: no T wave whose end can be told from the next P wave",
        Missing::NoRate => "rate: fewer than two beats",
        Missing::NoFrontalLeads => "axis: I or aVF is missing, or the complexes are too small",
        Missing::NoAgeOrSex => "ST elevation in V2, V3: give age and sex, a limit lies between",
        Missing::NoSex => "limits by sex (QTc, Cornell): sex is not known",
        Missing::NoLead(lead) => return format!("{} was not recorded or is flat", lead.name()),
        Missing::WideQrs => "ST criteria of narrow complexes: not applied, see Sgarbossa's",
        Missing::SecondaryT => "T waves, posterior infarction: not judged, the complex is wide",
        Missing::Child => "criteria for children: none, those of adults were applied",
        Missing::NoSpikes => "pacing: below 500 samples a second no spike can be seen",
    }
    .to_owned()
}
