//! PLX Spot-Check and PLX Continuous Measurement (PLXS 1.0, 3.1 and 3.2).

use super::sheet::Sheet;
use crate::fault::Fault;
use crate::reading::metric;

/// Unavailable, invalid, for demonstration, for testing.
const UNUSABLE: u16 = 1 << 13 | 1 << 15 | 1 << 10 | 1 << 11;
const MEASUREMENT: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "measurement ongoing",
    "early estimate",
    "validated",
    "fully qualified",
    "from storage",
    "for demonstration",
    "for testing",
    "calibration ongoing",
    "unavailable",
    "questionable",
    "invalid",
];
const SENSOR: &[&str] = &[
    "extended display update ongoing",
    "equipment malfunction",
    "signal processing irregularity",
    "inadequate signal",
    "poor signal",
    "low perfusion",
    "erratic signal",
    "nonpulsatile signal",
    "questionable pulse",
    "signal analysis ongoing",
    "sensor interference",
    "sensor not on the patient",
    "unknown sensor",
    "sensor displaced",
    "sensor malfunction",
    "sensor disconnected",
];

pub(super) fn spot_check(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let flags = sheet.bytes.u8()?;
    let has = |bit: u8| flags >> bit & 1 == 1;
    sheet.put_oximetry(None)?;
    if has(0) {
        let at = sheet.date_time()?;
        // A clock that was never set tells nothing.
        sheet.timed(at.filter(|_| !has(4)));
    }
    status(sheet, has(1), has(2), has(3))
}

pub(super) fn continuous(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let flags = sheet.bytes.u8()?;
    let has = |bit: u8| flags >> bit & 1 == 1;
    sheet.put_oximetry(None)?;
    if has(0) {
        sheet.put_oximetry(Some("fast"))?;
    }
    if has(1) {
        sheet.put_oximetry(Some("slow"))?;
    }
    status(sheet, has(2), has(3), has(4))
}

fn status(
    sheet: &mut Sheet<'_>,
    has_measurement: bool,
    has_sensor: bool,
    has_perfusion: bool,
) -> Result<(), Fault> {
    let measurement = if has_measurement { sheet.bytes.u16_le()? } else { 0 };
    let sensor = if has_sensor { sheet.bytes.array::<3>()? } else { [0; 3] };
    if has_perfusion {
        sheet.put_sfloat(metric::PERFUSION, "%")?;
    }
    if measurement & UNUSABLE != 0 {
        sheet.invalidate();
    }
    sheet.bits("measurement status", measurement.into(), MEASUREMENT);
    let sensor = u32::from_le_bytes([sensor[0], sensor[1], sensor[2], 0]);
    sheet.bits("sensor status", sensor, SENSOR);
    Ok(())
}
