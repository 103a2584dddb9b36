//! Reasons in words.

use ems_model::{HarmMeasure, HospitalReason, Millis, NoUnit, UnitCandidate, UnitReason};
use ems_sim::Why;

/// Why a call differs.
pub(super) fn why(why: &Why) -> String {
    match why {
        Why::UnitPreferred { taken, instead_of } => {
            format!("{} for {}: {}; {}", taken.unit, instead_of.unit, unit(taken), unit(instead_of))
        }
        Why::OverruleNotRepeated { chosen, reason } => {
            format!("recorded overrule not repeated: {chosen} ({reason})")
        }
        Why::Busy { unit, incident } => format!("knock-on: {unit} is with call {incident}"),
        Why::Freed { unit, incident } => {
            format!("knock-on: {unit} was with call {incident} in the log and is free")
        }
        Why::Elsewhere { unit, after: Some(call) } => {
            format!("knock-on: {unit} stands elsewhere after call {call}")
        }
        Why::Elsewhere { unit, after: None } => format!("knock-on: {unit} stands elsewhere"),
        Why::Waits => "knock-on: other units are free when it is its turn".to_owned(),
        Why::LosesUnit => "its unit is taken for a more urgent call".to_owned(),
        Why::NoUnit => "no unit is sent by the end of the log".to_owned(),
        Why::MayNotBeSent { unit: candidate } => {
            format!("{} may not be sent: {}", candidate.unit, unit(candidate))
        }
        Why::NearTie { by } => {
            format!(
                "near tie: {} s apart, positions between reports are not kept",
                by.abs().as_secs_f64()
            )
        }
        Why::PositionWasOld { unit } => format!("the position of {unit} was old in the log"),
        Why::OtherTime => "knock-on: the hospital is chosen at another time".to_owned(),
        Why::OtherPlace { unit, slot } => format!("{unit} is sent as {slot}"),
        Why::PlaceEmpty { slot, reason } => format!("no {slot}: {}", no_unit(reason)),
        Why::PlaceFilled { slot, unit } => format!("{unit} as {slot}, which the log leaves empty"),
        Why::HospitalPreferred { taken, instead_of } => {
            let cons = |cons: &[HospitalReason]| list(cons.iter().filter_map(hospital_con));
            let before = instead_of.as_ref().map_or_else(String::new, |it| {
                format!(" for {}{}", it.hospital, bracketed(&cons(&it.cons)))
            });
            format!("{}{}{before}", taken.hospital, bracketed(&cons(&taken.cons)))
        }
    }
}

fn unit(candidate: &UnitCandidate) -> String {
    let eta = candidate.eta.map_or("no road".to_owned(), |eta| format!("{eta} min"));
    let cons = list(candidate.cons.iter().filter_map(unit_con));
    format!("{} {eta}{}", candidate.unit, bracketed(&cons))
}

fn no_unit(reason: &NoUnit) -> String {
    match reason {
        NoUnit::NoSuchUnit => "no such unit".into(),
        NoUnit::NotFree { unit, reason } => {
            format!("{unit}{}", bracketed(&unit_con(reason).unwrap_or_default()))
        }
        NoUnit::TakenByOthers => "the free ones take other places".into(),
        NoUnit::TooLate { unit, eta, limit } => format!("{unit} in {eta} min, after {limit}"),
        NoUnit::NotWorth { unit } => format!("{unit} costs more than it helps"),
        NoUnit::NotNeeded { by } => format!("{by} on scene says so"),
    }
}

fn bracketed(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

fn list(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// What the drive does not say by itself.
fn unit_con(reason: &UnitReason) -> Option<String> {
    Some(match reason {
        UnitReason::TooFar { target, .. } => format!("beyond {target}"),
        UnitReason::MayBeLate { .. } => "may be late".into(),
        UnitReason::WrongCapability { .. } => "lacks capability".into(),
        UnitReason::MoreThanNeeded { .. } => "more than needed".into(),
        UnitReason::StalePosition { .. } => "old position".into(),
        UnitReason::NoPosition => "no position".into(),
        UnitReason::CrewRest { .. } => "crew rests".into(),
        UnitReason::ShiftEnds { .. } => "shift ends".into(),
        UnitReason::WouldUncoverArea { station, .. } => format!("uncovers {station}"),
        UnitReason::Busy { incident } => format!("with call {incident}"),
        UnitReason::OffDuty => "off duty".into(),
        UnitReason::Lent { .. } => "lent".into(),
        UnitReason::Unreachable => "no road".into(),
        UnitReason::DivertedFrom { incident, .. } => format!("taken from call {incident}"),
        UnitReason::CoverLost { share_ppm } => {
            format!("{:.1} % of cover goes", f64::from(*share_ppm) / 10_000.0)
        }
        UnitReason::CannotTransport => "takes no patient".into(),
        UnitReason::NotOnRunCard { card } => format!("not on run card {card}"),
        UnitReason::OutOfRange { limit, .. } => format!("flies {limit} m at most"),
        UnitReason::WindUnknown { .. } => "wind unknown".into(),
        UnitReason::Harm { measure: HarmMeasure::LateCalls, milli } => {
            format!("costs {:.3} late calls", f64::from(*milli) / 1000.0)
        }
        UnitReason::Harm { measure: HarmMeasure::Lives, milli } => {
            format!("costs {:.3} lives", f64::from(*milli) / 1000.0)
        }
        UnitReason::CallLoses { incident, now, then } => {
            let then = then.map_or("no free unit".to_owned(), |then| format!("{then} min"));
            format!("call {incident} waits {then} instead of {now}")
        }
        UnitReason::LookAhead { late_milli, .. } => {
            format!("{:.2} late ahead", f64::from(*late_milli) / 1000.0)
        }
        UnitReason::MealDue { .. } => "owed a break".into(),
        UnitReason::RangeLow { left_km, .. } => format!("goes {left_km} km more"),
        UnitReason::Nearest
        | UnitReason::Fills { .. }
        | UnitReason::WithinTarget { .. }
        | UnitReason::RightCapability { .. } => {
            return None;
        }
    })
}

fn hospital_con(reason: &HospitalReason) -> Option<String> {
    Some(match reason {
        HospitalReason::LacksCapability { capability } => format!("lacks {capability:?}"),
        HospitalReason::TooFar { .. } => "too far".into(),
        HospitalReason::MayBeTooFar { .. } => "may be too far".into(),
        HospitalReason::Crowded { percent, .. } => format!("{percent} % full"),
        HospitalReason::Overcrowded { nedocs, .. } => format!("NEDOCS {nedocs}"),
        HospitalReason::CrowdingUnknown => "crowding unknown".into(),
        HospitalReason::Diverting { .. } => "asks to be passed by".into(),
        HospitalReason::Refused { .. } => "has refused".into(),
        HospitalReason::Unreachable => "no road".into(),
        HospitalReason::StrokeOutlook { behind_permille, .. } if *behind_permille > 0 => {
            format!("outlook {:.1} % worse", f64::from(*behind_permille) / 10.0)
        }
        HospitalReason::StrokeTimes { .. } => "treats a stroke later".into(),
        HospitalReason::Reperfusion { .. } => "opens the vessel later".into(),
        HospitalReason::LacksPreferred { capability } => format!("lacks wished {capability:?}"),
        HospitalReason::ManyExpected { n, .. } => format!("{n} on the way there"),
        HospitalReason::Nearest
        | HospitalReason::StrokeOutlook { .. }
        | HospitalReason::HasPreferred { .. }
        | HospitalReason::HasCapability { .. } => return None,
    })
}

/// A change with its sign: `+1:20`, `-0:45`.
pub(super) fn change(span: Option<Millis>) -> String {
    span.map_or("-".to_owned(), |span| {
        let sign = if span > Millis::ZERO { "+" } else { "" };
        format!("{sign}{span}")
    })
}
