//! Units of measurements: IEEE 11073-10101 codes of the partition for dimensions, and UCUM.

/// The partition for dimensions.
const DIMENSIONS: u32 = 4 << 16;

/// Codes within the partition, their names and their UCUM units.
const UNITS: &[(u16, &str, &str)] = &[
    (512, "MDC_DIM_DIMLESS", "1"),
    (544, "MDC_DIM_PERCENT", "%"),
    (1297, "MDC_DIM_CENTI_M", "cm"),
    (1376, "MDC_DIM_INCH", "[in_i]"),
    (1618, "MDC_DIM_MILLI_L", "mL"),
    (1728, "MDC_DIM_X_G", "g"),
    (1731, "MDC_DIM_KILO_G", "kg"),
    (1746, "MDC_DIM_MILLI_G", "mg"),
    (1760, "MDC_DIM_LB", "[lb_av]"),
    (1952, "MDC_DIM_KG_PER_M_SQ", "kg/m2"),
    (2130, "MDC_DIM_MILLI_G_PER_DL", "mg/dL"),
    (2176, "MDC_DIM_SEC", "s"),
    (2194, "MDC_DIM_MILLI_SEC", "ms"),
    (2208, "MDC_DIM_MIN", "min"),
    (2240, "MDC_DIM_HR", "h"),
    (2272, "MDC_DIM_DAY", "d"),
    (2720, "MDC_DIM_BEAT_PER_MIN", "{beat}/min"),
    (2784, "MDC_DIM_RESP_PER_MIN", "{breath}/min"),
    (3843, "MDC_DIM_KILO_PASCAL", "kPa"),
    (3872, "MDC_DIM_MMHG", "mm[Hg]"),
    (4274, "MDC_DIM_MILLI_VOLT", "mV"),
    (4275, "MDC_DIM_MICRO_VOLT", "uV"),
    (4416, "MDC_DIM_FAHR", "[degF]"),
    (4722, "MDC_DIM_MILLI_MOLE_PER_L", "mmol/L"),
    (6048, "MDC_DIM_DEGC", "Cel"),
];

/// The UCUM unit of a code within the partition; `MDC 4:…` where it is not known.
pub(crate) fn mdc_unit(term: u16) -> String {
    let known = UNITS.iter().find(|(known, ..)| *known == term);
    known.map_or_else(|| format!("MDC 4:{term}"), |(.., ucum)| (*ucum).to_owned())
}

/// The UCUM unit that a message names by its code or its name in 10101; what is neither, or not
/// known, is kept as it stands.
pub(crate) fn unit_name(code: &str, name: &str) -> String {
    let term = code.parse().ok().map(|code: u32| code.wrapping_sub(DIMENSIONS));
    let is_named = |known: &(u16, &str, &str)| Some(u32::from(known.0)) == term || known.1 == name;
    match UNITS.iter().find(|known| is_named(known)) {
        Some((.., ucum)) => (*ucum).to_owned(),
        None => crate::wfdb::shorten(code),
    }
}
