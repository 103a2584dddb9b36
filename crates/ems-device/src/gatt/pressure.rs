//! Blood Pressure Measurement and Intermediate Cuff Pressure (BLS 1.1, 3.1 and 3.2).

use super::sheet::Sheet;
use crate::fault::Fault;
use crate::reading::{Metric, Value, metric};

const STATUS: &[&str] = &["body movement", "cuff too loose", "irregular pulse"];
const PULSE_RANGE: &[&str] = &["above the range", "below the range"];

pub(super) fn measurement(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let flags = sheet.bytes.u8()?;
    let unit = unit(flags);
    sheet.put_sfloat(metric::SYSTOLIC, unit)?;
    sheet.put_sfloat(metric::DIASTOLIC, unit)?;
    sheet.put_sfloat(metric::MEAN_PRESSURE, unit)?;
    rest(sheet, flags)
}

/// The cuff's pressure stands where the systolic one does; the other two stand empty.
pub(super) fn intermediate(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let flags = sheet.bytes.u8()?;
    sheet.put_sfloat(metric::CUFF_PRESSURE, unit(flags))?;
    sheet.bytes.take(4)?;
    rest(sheet, flags)
}

const fn unit(flags: u8) -> &'static str {
    if flags & 1 == 1 { "kPa" } else { "mm[Hg]" }
}

fn rest(sheet: &mut Sheet<'_>, flags: u8) -> Result<(), Fault> {
    let has = |bit: u8| flags >> bit & 1 == 1;
    if has(1) {
        let at = sheet.date_time()?;
        sheet.timed(at);
    }
    if has(2) {
        sheet.put_sfloat(metric::NIBP_PULSE, "{beat}/min")?;
    }
    if has(3) {
        user(sheet)?;
    }
    if has(4) {
        let status = sheet.bytes.u16_le()?;
        sheet.bits("measurement status", (status & 7).into(), STATUS);
        sheet.code("pulse rate range", (status >> 3 & 3).to_le_bytes()[0], PULSE_RANGE);
        sheet.bits("position", (status >> 5 & 1).into(), &["improper position"]);
    }
    Ok(())
}

/// 255 is nobody in particular.
fn user(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let user = sheet.bytes.u8()?;
    if user != u8::MAX {
        sheet.put(Metric::named("user"), Value::of(user.into()), None);
    }
    Ok(())
}
