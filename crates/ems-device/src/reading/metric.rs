//! Names of what is measured (IEEE 11073-10101 nomenclature).

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// The nomenclature's code, `partition << 16 | term`; `None` where the message has none.
    pub code: Option<u32>,
    /// The nomenclature's name, `MDC_PULS_OXIM_SAT_O2`, or the message's own.
    pub name: String,
}

impl Metric {
    pub(crate) fn mdc(code: u32) -> Self {
        let known = METRICS.iter().find(|(known, _)| *known == code);
        let name = || format!("MDC {}:{}", code >> 16, code & 0xffff);
        let name = known.map_or_else(name, |(_, name)| (*name).to_owned());
        Self { code: Some(code), name }
    }

    pub(crate) fn named(name: &str) -> Self {
        Self { code: None, name: crate::wfdb::shorten(name) }
    }

    /// A metric whose message knows no codes but may name one of the nomenclature, alone or after
    /// a path: `urn:dev:mac:0024befffe804ff1/MDC_TEMP_BODY`.
    pub(crate) fn at_path(path: &str) -> Self {
        let last = path.rsplit(['/', ':']).next().unwrap_or_default();
        let known = METRICS.iter().find(|(_, name)| *name == last);
        Self { code: known.map(|(code, _)| *code), ..Self::named(path) }
    }
}

/// A term of the partition for measurements.
const fn scada(term: u32) -> u32 {
    2 << 16 | term
}

pub(crate) const SPO2: u32 = scada(19384);
pub(crate) const OXIMETER_PULSE: u32 = scada(18458);
pub(crate) const HEART_RATE: u32 = scada(16770);
pub(crate) const PERFUSION: u32 = scada(19376);
pub(crate) const NIBP: u32 = scada(18948);
pub(crate) const SYSTOLIC: u32 = scada(18949);
pub(crate) const DIASTOLIC: u32 = scada(18950);
pub(crate) const MEAN_PRESSURE: u32 = scada(18951);
pub(crate) const CUFF_PRESSURE: u32 = scada(19228);
pub(crate) const HBA1C: u32 = scada(29148);
pub(crate) const RESPIRATORY_RATE: u32 = scada(20490);
pub(crate) const THORACIC_RESPIRATORY_RATE: u32 = scada(20506);
pub(crate) const CUFF_SYSTOLIC: u32 = scada(19229);
pub(crate) const CUFF_DIASTOLIC: u32 = scada(19230);
pub(crate) const TEMPERATURE: u32 = scada(19272);
pub(crate) const NIBP_PULSE: u32 = scada(18474);
pub(crate) const BODY_TEMPERATURE: u32 = scada(19292);
pub(crate) const BODY_MASS: u32 = scada(57664);
pub(crate) const GLUCOSE_CAPILLARY_BLOOD: u32 = scada(29112);
pub(crate) const GLUCOSE_CAPILLARY_PLASMA: u32 = scada(29116);
pub(crate) const GLUCOSE_VENOUS_BLOOD: u32 = scada(29120);
pub(crate) const GLUCOSE_VENOUS_PLASMA: u32 = scada(29124);
pub(crate) const GLUCOSE_ARTERIAL_BLOOD: u32 = scada(29128);
pub(crate) const GLUCOSE_ARTERIAL_PLASMA: u32 = scada(29132);
pub(crate) const GLUCOSE_CONTROL: u32 = scada(29136);
pub(crate) const GLUCOSE_ISF: u32 = scada(29140);
pub(crate) const GLUCOSE: u32 = scada(28948);

/// The terms that are named; any other keeps its number.
const METRICS: &[(u32, &str)] = &[
    (HEART_RATE, "MDC_ECG_HEART_RATE"),
    (OXIMETER_PULSE, "MDC_PULS_OXIM_PULS_RATE"),
    (NIBP_PULSE, "MDC_PULS_RATE_NON_INV"),
    (NIBP, "MDC_PRESS_BLD_NONINV"),
    (SYSTOLIC, "MDC_PRESS_BLD_NONINV_SYS"),
    (DIASTOLIC, "MDC_PRESS_BLD_NONINV_DIA"),
    (MEAN_PRESSURE, "MDC_PRESS_BLD_NONINV_MEAN"),
    (scada(18961), "MDC_PRESS_BLD_ART_SYS"),
    (scada(18962), "MDC_PRESS_BLD_ART_DIA"),
    (scada(18963), "MDC_PRESS_BLD_ART_MEAN"),
    (scada(19015), "MDC_PRESS_BLD_VEN_CENT_MEAN"),
    (CUFF_PRESSURE, "MDC_PRESS_CUFF"),
    (CUFF_SYSTOLIC, "MDC_PRESS_CUFF_SYS"),
    (CUFF_DIASTOLIC, "MDC_PRESS_CUFF_DIA"),
    (scada(19231), "MDC_PRESS_CUFF_MEAN"),
    (scada(19248), "MDC_SAT_O2_QUAL"),
    (TEMPERATURE, "MDC_TEMP"),
    (BODY_TEMPERATURE, "MDC_TEMP_BODY"),
    (PERFUSION, "MDC_PULS_OXIM_PERF_REL"),
    (scada(19380), "MDC_PULS_OXIM_PLETH"),
    (SPO2, "MDC_PULS_OXIM_SAT_O2"),
    (scada(19416), "MDC_BLD_PERF_INDEX"),
    (scada(19508), "MDC_MODALITY_FAST"),
    (scada(19512), "MDC_MODALITY_SLOW"),
    (scada(19516), "MDC_MODALITY_SPOT"),
    (scada(19532), "MDC_PULS_OXIM_DEV_STATUS"),
    (RESPIRATORY_RATE, "MDC_RESP_RATE"),
    (THORACIC_RESPIRATORY_RATE, "MDC_TTHOR_RESP_RATE"),
    (scada(20640), "MDC_CONC_AWAY_CO2_EXP"),
    (scada(20644), "MDC_CONC_AWAY_CO2_INSP"),
    (GLUCOSE, "MDC_CONC_GLU_GEN"),
    (GLUCOSE_CAPILLARY_BLOOD, "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD"),
    (GLUCOSE_CAPILLARY_PLASMA, "MDC_CONC_GLU_CAPILLARY_PLASMA"),
    (GLUCOSE_VENOUS_BLOOD, "MDC_CONC_GLU_VENOUS_WHOLEBLOOD"),
    (GLUCOSE_VENOUS_PLASMA, "MDC_CONC_GLU_VENOUS_PLASMA"),
    (GLUCOSE_ARTERIAL_BLOOD, "MDC_CONC_GLU_ARTERIAL_WHOLEBLOOD"),
    (GLUCOSE_ARTERIAL_PLASMA, "MDC_CONC_GLU_ARTERIAL_PLASMA"),
    (GLUCOSE_CONTROL, "MDC_CONC_GLU_CONTROL"),
    (GLUCOSE_ISF, "MDC_CONC_GLU_ISF"),
    (HBA1C, "MDC_CONC_HBA1C"),
    (BODY_MASS, "MDC_MASS_BODY_ACTUAL"),
    (scada(57668), "MDC_LEN_BODY_ACTUAL"),
    (scada(57676), "MDC_BODY_FAT"),
    (scada(57680), "MDC_RATIO_MASS_BODY_LEN_SQ"),
];
