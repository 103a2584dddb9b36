//! The limits that findings go by, from `data/ecg/criteria.toml`, which explains each.

use serde::Deserialize;

/// All of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file explains each")]
pub struct Criteria {
    pub name: String,
    pub(crate) rate: RateRule,
    pub(crate) irregularity: IrregularityRule,
    pub(crate) premature: PrematureRule,
    pub(crate) atria: AtriaRule,
    pub(crate) pr: PrRule,
    pub(crate) conduction: ConductionRule,
    pub(crate) axis: AxisRule,
    pub(crate) qt: QtRule,
    pub(crate) voltage: VoltageRule,
    pub(crate) stemi: StemiRule,
    pub(crate) depression: DepressionRule,
    pub(crate) posterior: PosteriorRule,
    pub(crate) sgarbossa: SgarbossaRule,
    pub(crate) paced: PacedRule,
    pub(crate) electrodes: ElectrodesRule,
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Title, year, table.
    pub text: String,
    /// Whether the numbers were compared with it.
    pub verified: bool,
}

/// Structs of a rule each, with its source.
macro_rules! rules {
    ($($name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {$(
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            pub(crate) source: Source,
            $(pub(crate) $field: $kind,)*
        }
    )*};
}

pub(crate) use rules;

rules! {
    ElectrodesRule {}
    RateRule {
        bradycardia_below: f64,
        tachycardia_above: f64,
        supraventricular_above: f64,
        sinus_p_axis_from: f64,
        sinus_p_axis_to: f64,
    }
    IrregularityRule { fibrillation_from: f64, sinus_arrhythmia_from: f64, p_share_min: f64 }
    PrematureRule { interval_below: f64, alternating_from: f64 }
    AtriaRule {
        flutter_from: f64,
        explained_from: f64,
        whole_share_from: f64,
        blocked_from: f64,
        row_from: f64,
        steady_to_ms: f64,
        growth_from_ms: f64,
        even_to: f64,
    }
    PrRule { first_degree_above_ms: f64, short_below_ms: f64 }
    ConductionRule {
        complete_from_ms: f64,
        incomplete_from_ms: f64,
        s_wave_from_ms: f64,
        fascicular_q_max_mv: f64,
        avl_peak_from_ms: f64,
    }
    AxisRule { left_from: f64, fascicular_from: f64, right_from: f64 }
    QtRule { long_from_men_ms: f64, long_from_women_ms: f64, short_to_ms: f64, short_rate_max: f64 }
    VoltageRule {
        sokolow_lyon_from_mv: f64,
        avl_from_mv: f64,
        cornell_above_men_mv: f64,
        cornell_above_women_mv: f64,
    }
    StemiRule {
        elevation_from_mv: f64,
        women_from_mv: f64,
        men_from_mv: f64,
        young_men_from_mv: f64,
        young_below_years: u8,
    }
    DepressionRule { depression_from_mv: f64, inversion_above_mv: f64 }
    PosteriorRule { depression_from_mv: f64 }
    SgarbossaRule {
        concordant_elevation_from_mv: f64,
        concordant_depression_from_mv: f64,
        discordant_elevation_from_mv: f64,
        points_from: f64,
        ratio_elevation_from_mv: f64,
        ratio_from: f64,
    }
    PacedRule { spike_share_min: f64 }
}

impl Criteria {
    /// Those that ship.
    #[expect(clippy::missing_panics_doc, reason = "the table in the tree is tested")]
    pub fn standard() -> Self {
        let text = include_str!("../../../data/ecg/criteria.toml");
        Self::parse(text).expect("the table in the tree is tested to be readable")
    }

    /// Reads criteria in the format of `data/ecg/criteria.toml`.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
