//! What is printed of a replay, and its CSV.
#![expect(clippy::cast_precision_loss, reason = "calls of a log are counted in millions at most")]

use std::io::{self, Write};

use ems_model::{IncidentId, Millis, UnitId};
use ems_sim::{CallChange, Counterfactual, Interval, Likeness, PlaceChange, ReplaySummary, Why};

use super::words;
use crate::say;

/// Calls that are printed without `--all`.
const N_SHOWN: usize = 20;

/// How far a reader may believe what follows.
pub(super) fn trust(likeness: &Likeness) {
    let Likeness { n_units, n_same_units, n_hospitals, n_same_hospitals, .. } = likeness;
    let Likeness { n_places, n_same_places, .. } = likeness;
    say::line(format!(
        "trust: under the recorded policies the replay gives back {n_same_units} of {n_units} \
         first units, {n_same_places} of {n_places} places of run cards, {n_same_hospitals} of \
         {n_hospitals} hospitals; responses are off by {} (median)",
        or_none(likeness.response_off)
    ));
    for (name, n) in &likeness.causes {
        say::line(format!("  {n:>5} differ: {}", name.replace('_', " ")));
    }
    for policy in &likeness.unknown_policies {
        say::line(format!("  {policy} is not among this version's policies: its first stands in"));
    }
    let n = likeness.n_homeward;
    say::line(format!(
        "  ways home take {:.2} of the roads' time ({n} measured)",
        likeness.homeward
    ));
}

/// The summary and the calls that differ, largest difference first.
pub(super) fn tell(it: &Counterfactual, shows_all: bool) {
    let summary = &it.summary;
    say::line("");
    say::line(format!("{} instead of {}", it.policy, it.recorded_policies.join(", ")));
    for (name, value) in rows(summary) {
        say::line(format!("  {name:<24}{value}"));
    }
    let mut changed: Vec<_> = it.calls.iter().filter(|call| call.is_changed).collect();
    changed.sort_by_key(|call| std::cmp::Reverse(call.response_change.map(Millis::abs)));
    let n_shown = if shows_all { changed.len() } else { N_SHOWN.min(changed.len()) };
    say::line("    call  unit           response         change  hospital       why");
    for call in &changed[..n_shown] {
        say::line(row(call));
    }
    if n_shown < changed.len() {
        say::line(format!("    and {} more: --all", changed.len() - n_shown));
    }
}

fn rows(summary: &ReplaySummary) -> Vec<(&'static str, String)> {
    let pair = |pair: Option<[Millis; 2]>| {
        pair.map_or("none".to_owned(), |[before, after]| format!("{before} -> {after}"))
    };
    let share = |n: usize| 100.0 * n as f64 / summary.n_judged.max(1) as f64;
    let [before, after] = summary.n_late;
    let (late_before, late_after) = (share(before), share(after));
    let mut rows = vec![
        ("calls", format!("{}, {} reached both times", summary.n_calls, summary.n_compared)),
        ("other first unit", summary.n_other_unit.to_string()),
        ("places with other unit", format!("{} of {}", summary.n_other_places, summary.n_places)),
        ("other hospital", summary.n_other_hospital.to_string()),
        ("differ", format!("{}, {} by knock-on", summary.n_changed, summary.n_knock_on)),
        ("response, median", pair(summary.response_median)),
        ("response, mean", pair(summary.response_mean)),
        ("  change, s", interval(summary.response_change_s)),
        ("late", format!("{before} -> {after} ({late_before:.1} % -> {late_after:.1} %)")),
        ("  change, points", interval(summary.late_change_points)),
        ("gain most", calls(&summary.gained)),
        ("lose most", calls(&summary.lost)),
    ];
    let n_overruled = summary.n_overruled + summary.n_posts_overruled as usize;
    for (name, n) in [
        ("overrules not repeated", n_overruled),
        ("refused by the centre", summary.n_refused as usize),
    ] {
        if n > 0 {
            rows.push((name, n.to_string()));
        }
    }
    rows
}

fn interval(it: Option<Interval>) -> String {
    match it {
        None => "none".to_owned(),
        Some(Interval { estimate, ends: None }) => {
            format!("{estimate:+.2} (one hour: no interval)")
        }
        Some(Interval { estimate, ends: Some([low, high]) }) => {
            format!("{estimate:+.2} (95 %: {low:+.2} to {high:+.2}, hours drawn again)")
        }
    }
}

fn calls(calls: &[IncidentId]) -> String {
    let calls: Vec<_> = calls.iter().map(ToString::to_string).collect();
    if calls.is_empty() { "none".to_owned() } else { calls.join(", ") }
}

fn row(call: &CallChange) -> String {
    let (before, after) = (&call.recorded, &call.replayed);
    let moved = |one: Option<String>, other: Option<String>| match (one, other) {
        (Some(one), Some(other)) if one == other => one,
        (one, other) => {
            format!("{} > {}", one.as_deref().unwrap_or("-"), other.as_deref().unwrap_or("-"))
        }
    };
    let place = |it: &PlaceChange| moved(name(it.recorded.as_ref()), name(it.replayed.as_ref()));
    let unit = call.places.iter().map(place).collect::<Vec<_>>().join(", ");
    let hospital = moved(name(before.hospital.as_ref()), name(after.hospital.as_ref()));
    let late = |is_late: Option<bool>| if is_late == Some(true) { "!" } else { "" };
    let response = format!(
        "{}{} > {}{}",
        or_none(before.response),
        late(before.is_late),
        or_none(after.response),
        late(after.is_late)
    );
    let change = words::change(call.response_change);
    let id = call.incident.to_string();
    format!(
        "  {id:>6}  {unit:<14} {response:<16} {change:>6}  {hospital:<14} {}",
        reasons(&call.why)
    )
}

fn name<T: ToString>(it: Option<&T>) -> Option<String> {
    it.map(ToString::to_string)
}

fn or_none(span: Option<Millis>) -> String {
    span.map_or("-".to_owned(), |span| span.to_string())
}

fn reasons(why: &[Why]) -> String {
    why.iter().map(words::why).collect::<Vec<_>>().join("; ")
}

const COLUMNS: &str = "policy,call,rang_at_ms,complaint,priority,recorded_unit,replayed_unit,\
recorded_response_s,replayed_response_s,response_change_s,recorded_late,replayed_late,\
recorded_hospital,replayed_hospital,door_change_s,is_changed,is_knock_on,why,assumed,\
recorded_places,replayed_places";

/// A call and policy a row; what is not known is empty.
pub(super) fn write_csv(out: &mut impl Write, replayed: &[Counterfactual]) -> io::Result<()> {
    writeln!(out, "{COLUMNS}")?;
    for it in replayed {
        for call in &it.calls {
            let (before, after) = (&call.recorded, &call.replayed);
            let knock_on = call.why.iter().any(Why::is_knock_on);
            let assumed: Vec<_> = call.assumed.iter().map(|it| it.name()).collect();
            let cells = [
                it.policy.clone(),
                call.incident.to_string(),
                (call.rang_at.as_micros() / 1000).to_string(),
                call.complaint.clone(),
                call.priority.code.clone(),
                cell(before.sent_first.as_ref()),
                cell(after.sent_first.as_ref()),
                secs(before.response),
                secs(after.response),
                secs(call.response_change),
                cell(before.is_late.as_ref()),
                cell(after.is_late.as_ref()),
                cell(before.hospital.as_ref()),
                cell(after.hospital.as_ref()),
                secs(call.door_change),
                call.is_changed.to_string(),
                knock_on.to_string(),
                quoted(&reasons(&call.why)),
                assumed.join(" "),
                places(&call.places, |place| place.recorded.as_ref()),
                places(&call.places, |place| place.replayed.as_ref()),
            ];
            writeln!(out, "{}", cells.join(","))?;
        }
    }
    Ok(())
}

/// `als=A1 physician=D1`
fn places(places: &[PlaceChange], unit: impl Fn(&PlaceChange) -> Option<&UnitId>) -> String {
    let place = |it: &PlaceChange| Some(format!("{}={}", it.slot, unit(it)?));
    places.iter().filter_map(place).collect::<Vec<_>>().join(" ")
}

fn cell<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(String::new, ToString::to_string)
}

fn secs(span: Option<Millis>) -> String {
    span.map_or_else(String::new, |span| format!("{:.1}", span.as_secs_f64()))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
