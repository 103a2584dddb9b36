//! Heart Rate Measurement (HRS 1.0, 3.1).

use super::sheet::Sheet;
use crate::fault::Fault;
use crate::reading::{Metric, Value, metric};

const IS_WIDE: u8 = 1;
const HAS_CONTACT: u8 = 2;
const KNOWS_CONTACT: u8 = 4;
const HAS_ENERGY: u8 = 8;
const HAS_INTERVALS: u8 = 16;

pub(super) fn measurement(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let flags = sheet.bytes.u8()?;
    let is_wide = flags & IS_WIDE != 0;
    let rate = if is_wide { sheet.bytes.u16_le()? } else { sheet.bytes.u8()?.into() };
    sheet.put(Metric::mdc(metric::HEART_RATE), Value::of(rate.into()), Some("{beat}/min"));
    if flags & KNOWS_CONTACT != 0 {
        sheet.put(Metric::named("sensor contact"), Value::Flag(flags & HAS_CONTACT != 0), None);
    }
    if flags & HAS_ENERGY != 0 {
        let energy = sheet.bytes.u16_le()?;
        sheet.put(Metric::named("energy expended"), Value::of(energy.into()), Some("kJ"));
    }
    while flags & HAS_INTERVALS != 0 && sheet.bytes.len() >= 2 {
        let interval = f64::from(sheet.bytes.u16_le()?) / 1024.0;
        sheet.put(Metric::named("RR interval"), Value::of(interval), Some("s"));
    }
    Ok(())
}
