//! Temperature Measurement and Intermediate Temperature (HTS 1.0, 3.1 and 3.3).

use super::sheet::Sheet;
use crate::fault::Fault;
use crate::medical_float::MedicalFloat;
use crate::reading::{Metric, metric};

const SITES: &[&str] = &[
    "armpit",
    "body",
    "ear",
    "finger",
    "gastro-intestinal tract",
    "mouth",
    "rectum",
    "toe",
    "tympanum",
];

pub(super) fn measurement(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let flags = sheet.bytes.u8()?;
    let has = |bit: u8| flags >> bit & 1 == 1;
    let number = MedicalFloat::from_float(sheet.bytes.u32_le()?);
    let unit = if has(0) { "[degF]" } else { "Cel" };
    sheet.put(Metric::mdc(metric::BODY_TEMPERATURE), number.value(), Some(unit));
    if has(1) {
        let at = sheet.date_time()?;
        sheet.timed(at);
    }
    if has(2) {
        let site = sheet.bytes.u8()?;
        sheet.code("temperature site", site, SITES);
    }
    Ok(())
}
