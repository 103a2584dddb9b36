//! Glucose Measurement Context (GLS 1.0, 3.2).

use super::glucose::shifted;
use super::sheet::Sheet;
use crate::fault::Fault;
use crate::reading::{Metric, Value};

const CARBOHYDRATES: &[&str] =
    &["breakfast", "lunch", "dinner", "snack", "drink", "supper", "brunch"];
const MEALS: &[&str] = &["before a meal", "after a meal", "fasting", "casual", "bedtime"];
const TESTERS: &[&str] = &["self", "health care professional", "lab test"];
const HEALTH: &[&str] =
    &["minor health issues", "major health issues", "menses", "stress", "no health issues"];
const MEDICATIONS: &[&str] = &[
    "rapid acting insulin",
    "short acting insulin",
    "intermediate acting insulin",
    "long acting insulin",
    "pre-mixed insulin",
];
/// The code of what the user does not say.
const NOT_SAID: u8 = 15;

pub(super) fn context(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let flags = sheet.bytes.u8()?;
    let has = |bit: u8| flags >> bit & 1 == 1;
    let number = sheet.bytes.u16_le()?;
    sheet.of_record(number);
    if has(7) {
        sheet.bytes.u8()?;
    }
    if has(0) {
        amount(sheet, "carbohydrate", CARBOHYDRATES, "g")?;
    }
    if has(1) {
        let meal = sheet.bytes.u8()?;
        sheet.code("meal", meal, MEALS);
    }
    if has(2) {
        people(sheet)?;
    }
    if has(3) {
        exercise(sheet)?;
    }
    if has(4) {
        amount(sheet, "medication", MEDICATIONS, if has(5) { "mL" } else { "g" })?;
    }
    if has(6) {
        sheet.put_sfloat(crate::reading::metric::HBA1C, "%")?;
    }
    Ok(())
}

/// What, and how much of it: kilograms or litres as it stands, given in grams or millilitres.
fn amount(sheet: &mut Sheet<'_>, name: &str, kinds: &[&str], unit: &str) -> Result<(), Fault> {
    let kind = sheet.bytes.u8()?;
    sheet.code(name, kind, kinds);
    let number = shifted(sheet.sfloat()?, 3);
    sheet.put(Metric::named(&format!("{name} amount")), number.value(), Some(unit));
    Ok(())
}

fn people(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let byte = sheet.bytes.u8()?;
    for (name, code, names) in [("tester", byte & 15, TESTERS), ("health", byte >> 4, HEALTH)] {
        if code != NOT_SAID {
            sheet.code(name, code, names);
        }
    }
    Ok(())
}

/// 65,535 seconds are "longer than can be said".
fn exercise(sheet: &mut Sheet<'_>) -> Result<(), Fault> {
    let (seconds, intensity) = (sheet.bytes.u16_le()?, sheet.bytes.u8()?);
    let duration = match seconds {
        u16::MAX => Value::Missing(crate::reading::Absence::PositiveInfinity),
        seconds => Value::of(seconds.into()),
    };
    sheet.put(Metric::named("exercise duration"), duration, Some("s"));
    sheet.put(Metric::named("exercise intensity"), Value::of(intensity.into()), Some("%"));
    Ok(())
}
