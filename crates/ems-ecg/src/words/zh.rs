//! Chinese as written in mainland China.

use crate::finding::{Measure, Statement};
use crate::measure::Missing;

pub(super) const fn statement(statement: Statement) -> &'static str {
    use Statement as S;
    match statement {
        S::ArmsReversed => "左右上肢电极可能接反：请检查",
        S::RightArmLegReversed => "右上肢与左下肢电极可能接反：请检查",
        S::ChestReversed => "胸导联电极可能接反：请检查",
        S::VentricularTachycardia => "宽QRS波心动过速：未排除前按室速处理",
        S::StElevationInfarction => "ST段抬高：符合心肌梗死标准",
        S::SgarbossaInfarction => "ST段：符合Sgarbossa心肌梗死标准",
        S::SmithInfarction => "ST段：符合Smith改良Sgarbossa标准",
        S::PosteriorInfarction => "V1-V3 ST段压低：后壁梗死？请加做V7-V9",
        S::CompleteBlock => "三度（完全性）房室传导阻滞",
        S::AdvancedBlock => "高度房室传导阻滞",
        S::SecondDegreeTypeTwo => "二度Ⅱ型房室传导阻滞（莫氏）",
        S::TwoToOneBlock => "二度房室传导阻滞，2:1下传",
        S::SecondDegreeTypeOne => "二度Ⅰ型房室传导阻滞（文氏）",
        S::SecondDegreeBlock => "二度房室传导阻滞，分型不能确定",
        S::AtrialFibrillation => "心房颤动",
        S::AtrialFlutter => "心房扑动",
        S::SupraventricularTachycardia => "室上性心动过速",
        S::PacedRhythm => "起搏心律",
        S::SinusRhythm => "窦性心律",
        S::SinusBradycardia => "窦性心动过缓",
        S::SinusTachycardia => "窦性心动过速",
        S::Bradycardia => "心动过缓，未见P波",
        S::Tachycardia => "心动过速，未见P波",
        S::RegularWithoutP => "规则心律，未见P波",
        S::EctopicAtrialRhythm => "房性心律（非窦性）",
        S::SinusArrhythmia => "窦性心律不齐",
        S::VentricularBigeminy => "室性早搏二联律",
        S::PrematureVentricular => "室性早搏",
        S::PrematureAtrial => "室上性早搏",
        S::FirstDegreeBlock => "一度房室传导阻滞",
        S::ShortPr => "PR间期缩短",
        S::RightBundleBranchBlock => "完全性右束支传导阻滞",
        S::IncompleteRightBundleBranchBlock => "不完全性右束支传导阻滞",
        S::LeftBundleBranchBlock => "完全性左束支传导阻滞",
        S::IntraventricularDelay => "非特异性室内传导延迟",
        S::LeftAnteriorFascicularBlock => "左前分支阻滞",
        S::LeftPosteriorFascicularBlock => "左后分支阻滞",
        S::LeftAxis => "电轴左偏",
        S::RightAxis => "电轴右偏",
        S::ExtremeAxis => "电轴极度偏移",
        S::LongQt => "QT间期延长",
        S::ShortQt => "QT间期缩短",
        S::LeftVentricularVoltage => "左心室高电压",
        S::StDepression => "ST段压低",
        S::TInversion => "T波倒置",
    }
}

pub(super) const fn measure(measure: Measure) -> &'static str {
    use Measure as M;
    match measure {
        M::Rate => "心率",
        M::Irregularity => "间期变化",
        M::PShare => "有P波的心搏比例",
        M::PAxis => "P波电轴",
        M::AtrialRate => "心房率",
        M::BlockedP => "未下传P波数",
        M::BlockedInARow => "连续未下传P波数",
        M::PrSpread => "PR相差",
        M::PrGrowth => "长间歇前PR延长",
        M::IntervalSpread => "RR间期相差",
        M::FlutterShare => "扑动波所占比例",
        M::WholeShare => "RR为扑动周期整倍数的比例",
        M::PrematureBeats => "早搏数",
        M::AlternateBeats => "交替心搏数",
        M::SpikeShare => "有起搏钉的心搏比例",
        M::Pr => "PR",
        M::Qrs => "QRS",
        M::Qtc => "QTc（Fridericia）",
        M::Axis => "电轴",
        M::StJ => "ST（J点）",
        M::St60 => "ST（J+60）",
        M::TVoltage => "T",
        M::QVoltage => "Q",
        M::RVoltage => "R",
        M::R2Voltage => "R'",
        M::SVoltage => "S",
        M::SDuration => "S时限",
        M::RPeak => "R峰时间",
        M::Terminal => "QRS终末",
        M::StOverS => "ST/S",
        M::Points => "评分",
        M::SokolowLyon => "SV1+RV5/6",
        M::Cornell => "RaVL+SV3",
        M::LateralCorrelation => "与V5、V6的相关系数",
        M::ChestOrder => "互换后V1-V6过渡更平顺的比例",
    }
}

pub(super) fn missing(missing: Missing) -> String {
    match missing {
        Missing::NoPWave => "PR、P：QRS波前未见可辨P波",
        Missing::NoTEnd => "QT：T波终点无法与下一P波区分",
        Missing::NoRate => "心率：少于两个心搏",
        Missing::NoFrontalLeads => "电轴：缺少I或aVF导联，或QRS波过小",
        Missing::NoAgeOrSex => "V2、V3 ST段抬高：介于界值之间，请提供年龄和性别",
        Missing::NoSex => "按性别的界值（QTc、Cornell）：性别未知",
        Missing::NoLead(lead) => return format!("{}未记录或平直", lead.name()),
        Missing::WideQrs => "窄QRS波的ST标准：不适用，见Sgarbossa标准",
        Missing::SecondaryT => "T波、后壁梗死：QRS波增宽，未判",
        Missing::Child => "儿童标准：未提供，采用成人标准",
        Missing::NoSpikes => "起搏：采样率低于500 Hz，无法识别起搏钉",
    }
    .to_owned()
}
