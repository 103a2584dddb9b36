//! Glucose Measurement (GLS 1.0, 3.1).

use super::sheet::Sheet;
use crate::fault::Fault;
use crate::medical_float::MedicalFloat;
use crate::reading::{Metric, metric};

const STATUS: &[&str] = &[
    "battery low",
    "sensor malfunction",
    "sample too small",
    "strip inserted wrongly",
    "wrong strip",
    "above what the device measures",
    "below what the device measures",
    "sensor too hot",
    "sensor too cold",
    "read interrupted",
    "device fault",
    "clock fault",
];
const LOCATIONS: &[&str] = &["finger", "alternate site", "earlobe", "control solution"];

/// Whole blood or plasma of unknown origin, and kinds that are not listed, are glucose as such.
const FLUIDS: [u32; 11] = [
    metric::GLUCOSE,
    metric::GLUCOSE_CAPILLARY_BLOOD,
    metric::GLUCOSE_CAPILLARY_PLASMA,
    metric::GLUCOSE_VENOUS_BLOOD,
    metric::GLUCOSE_VENOUS_PLASMA,
    metric::GLUCOSE_ARTERIAL_BLOOD,
    metric::GLUCOSE_ARTERIAL_PLASMA,
    metric::GLUCOSE,
    metric::GLUCOSE,
    metric::GLUCOSE_ISF,
    metric::GLUCOSE_CONTROL,
];
/// The code of a location that the meter does not know.
const NO_LOCATION: u8 = 15;

pub(super) fn measurement(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let flags = sheet.bytes.u8()?;
    let has = |bit: u8| flags >> bit & 1 == 1;
    let number = sheet.bytes.u16_le()?;
    sheet.of_record(number);
    let base = sheet.date_time()?;
    let offset_mins = if has(0) { sheet.bytes.i16_le()? } else { 0 };
    sheet.at = base.map(|base| base.after(i64::from(offset_mins) * 60_000_000));
    if has(1) {
        concentration(sheet, has(2))?;
    }
    if has(3) {
        let status = sheet.bytes.u16_le()?;
        sheet.bits("sensor status", status.into(), STATUS);
    }
    Ok(())
}

/// In kg/L or mol/L as it stands; given in mg/dL or mmol/L.
fn concentration(sheet: &mut Sheet<'_>, is_molar: bool) -> Result<(), Fault> {
    let number = sheet.sfloat()?;
    let kind = sheet.bytes.u8()?;
    let fluid = FLUIDS.get(usize::from(kind & 15)).copied().unwrap_or(metric::GLUCOSE);
    let (shift, unit) = if is_molar { (3, "mmol/L") } else { (5, "mg/dL") };
    sheet.put(Metric::mdc(fluid), shifted(number, shift).value(), Some(unit));
    if kind >> 4 != NO_LOCATION {
        sheet.code("sample location", kind >> 4, LOCATIONS);
    }
    Ok(())
}

/// The number times ten to the power of `by`.
pub(super) fn shifted(number: MedicalFloat, by: i8) -> MedicalFloat {
    match number {
        MedicalFloat::Decimal { mantissa, exponent } => {
            MedicalFloat::Decimal { mantissa, exponent: exponent + by }
        }
        special @ MedicalFloat::Special(_) => special,
    }
}
