//! A profile that drives as its fleet does.

use ems_roads::{Profile, ProfileError, ROAD_CLASSES};
use toml::{Table, Value};

use crate::paces::Paces;

/// Whole-week paces written into a profile: a `speed_factor` for each class that it names, and
/// what turning round costs.
///
/// `source`: what the paces were learnt from, one line. What the profile says beside this stays;
/// its comments do not. Hours and single arcs have no place in a profile.
pub fn calibrated_profile(
    profile: &str,
    paces: &Paces,
    source: &str,
) -> Result<String, ProfileError> {
    Profile::parse(profile)?;
    let mut file: Table = toml::from_str(profile)?;
    for (class, name) in ROAD_CLASSES.iter().enumerate() {
        if let Some(table) = entry(&mut file, "classes").and_then(|classes| entry(classes, name)) {
            scale(table, "speed_factor", 1.0, 1.0 / paces.of_class(class), &thousandths);
        }
    }
    if let Some(turns) = entry(&mut file, "turns") {
        scale(turns, "u_turn_s", 0.0, paces.of_u_turn(), &whole_seconds);
    }
    let text = toml::to_string(&file).expect("what was read as TOML is written as TOML");
    let source: String = source.chars().filter(|c| !c.is_control()).collect();
    let text = format!("# source: {source}\n{text}");
    Profile::parse(&text)?;
    Ok(text)
}

fn entry<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    table.get_mut(key)?.as_table_mut()
}

/// Multiplies a number, or what stands for it where it is absent.
#[expect(clippy::cast_precision_loss, reason = "numbers of a profile are small")]
fn scale(table: &mut Table, key: &str, absent: f64, by: f64, wrap: &dyn Fn(f64) -> Value) {
    let now = match table.get(key) {
        Some(Value::Float(number)) => *number,
        Some(Value::Integer(number)) => *number as f64,
        _ => absent,
    };
    table.insert(key.to_owned(), wrap(now * by));
}

/// Within what a profile may say.
fn thousandths(factor: f64) -> Value {
    Value::Float((factor.clamp(0.1, 4.0) * 1000.0).round() / 1000.0)
}

#[expect(clippy::cast_possible_truncation, reason = "at most ten minutes")]
fn whole_seconds(secs: f64) -> Value {
    Value::Integer(secs.round().clamp(0.0, 600.0) as i64)
}
