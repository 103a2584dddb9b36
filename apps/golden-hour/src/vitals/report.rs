//! Scores as text and as JSON.

use ems_clinical::{Class, Inputs, Interval, ItemScored, Scored, Standing};
use ems_dispatch::TagTree;
use ems_model::Tag;
use serde_json::{Value, json};

use super::document::{Tagged, key};

/// Lines for a person; scores of which little is known are named in one line, `is_named` aside.
pub(crate) fn text(scored: &[Scored<'_>], tags: &[Tagged], is_named: bool) -> Vec<String> {
    let (told, scarce): (Vec<_>, Vec<_>) =
        scored.iter().partition(|it| is_named || it.is_telling());
    let mut lines: Vec<_> = told.into_iter().flat_map(score_lines).collect();
    lines.extend(tags.iter().flat_map(tag_lines));
    if !scarce.is_empty() {
        let ids: Vec<_> = scarce.iter().map(|it| it.score.id.as_str()).collect();
        let ids = ids.join(", ");
        lines.push(format!("too little is known of {ids}: --only NAME tells what is missing"));
    }
    lines
}

/// The same as one JSON object.
pub(crate) fn json(scored: &[Scored<'_>], tags: &[Tagged]) -> anyhow::Result<String> {
    let scores: Vec<_> = scored.iter().map(score_json).collect();
    let tags: Vec<_> = tags.iter().map(tag_json).collect();
    Ok(serde_json::to_string_pretty(&json!({ "scores": scores, "tags": tags }))?)
}

/// Every field of a document, one a line.
pub(crate) fn inputs(inputs: &Inputs, trees: &[TagTree]) -> Vec<String> {
    let fields = inputs.iter().map(|input| {
        let accepts = match &input.unit {
            Some(unit) => format!("{} {unit}", input.accepts()),
            None if input.options == ["no", "yes"] => "true or false".to_owned(),
            None => input.options.join(" | "),
        };
        format!("{:<34} {accepts:<44} {}", input.id, input.name.en)
    });
    let questions = trees.iter().map(|tree| {
        let asked: Vec<_> = tree.steps.iter().map(|step| step.id.as_str()).collect();
        format!("{:<34} {{ {} }}, each true or false", key(tree), asked.join(", "))
    });
    fields.chain(questions).collect()
}

fn score_lines(scored: &Scored<'_>) -> Vec<String> {
    let score = scored.score;
    let mut lines = vec![headline(scored), format!("  {}", score.title.en)];
    match &scored.standing {
        Standing::DoesNotApply(_) => {}
        Standing::Applies | Standing::Unknown(_) => {
            lines.extend(scored.items.iter().map(|item| item_line(item, score.decimals)));
        }
    }
    let missing: Vec<_> = scored.missing().into_iter().collect();
    if !missing.is_empty() && scored.value().is_none() {
        lines.push(format!("  missing: {}", missing.join(", ")));
    }
    if let Standing::Unknown(inputs) = &scored.standing {
        let inputs = inputs.join(", ");
        lines.push(format!("  not known whether it is made for this patient: give {inputs}"));
    }
    lines.extend(score.note.as_ref().map(|note| format!("  note: {}", note.en)));
    lines.push(format!("  source: {}", score.edition));
    lines.extend(score.sources.iter().map(|source| format!("    {source}")));
    lines
}

fn headline(scored: &Scored<'_>) -> String {
    let mark = mark(scored.score.verified);
    let said = match &scored.standing {
        Standing::DoesNotApply(reasons) => {
            let reasons: Vec<_> = reasons.iter().map(|reason| reason.en.as_str()).collect();
            format!("not applicable: {}", reasons.join("; "))
        }
        Standing::Applies | Standing::Unknown(_) => {
            let class = classes(scored).map(|class| format!("  ({class})")).unwrap_or_default();
            format!("{}{class}", range(scored.total, scored.score.decimals))
        }
    };
    format!("{:<21} {said}{mark}", scored.score.id)
}

fn mark(is_verified: bool) -> &'static str {
    if is_verified { "" } else { "  [UNVERIFIED]" }
}

fn classes(scored: &Scored<'_>) -> Option<String> {
    let (low, high) = (scored.class_low?, scored.class_high?);
    Some(if low.id == high.id {
        low.name.en.clone()
    } else {
        format!("from \"{}\" to \"{}\"", low.name.en, high.name.en)
    })
}

fn item_line(item: &ItemScored<'_>, decimals: usize) -> String {
    let open = match (&item.uncovered, item.missing.as_slice()) {
        (Some(option), _) => format!("  the table has no points for \"{option}\""),
        (None, []) => String::new(),
        (None, missing) => format!("  missing {}", missing.join(", ")),
    };
    let points = range(item.points, decimals);
    format!("    {:<44} {points}{open}", item.item.name.en).trim_end().to_owned()
}

fn range(points: Interval, decimals: usize) -> String {
    match (points.value(), points.high.is_finite(), points.low.is_finite()) {
        (Some(value), ..) => format!("{value:.decimals$}"),
        (None, true, _) => format!("{:.decimals$} to {:.decimals$}", points.low, points.high),
        (None, false, true) => format!("{:.decimals$} or more", points.low),
        (None, false, false) => "none: it would divide by 0".to_owned(),
    }
}

fn tag_lines(tagged: &Tagged) -> Vec<String> {
    let end = match &tagged.end {
        Ok(tag) => tag_name(*tag).to_owned(),
        Err(question) => format!("no tag yet: {question}"),
    };
    let head = format!("{:<21} {end}{}", tagged.tree, mark(tagged.is_verified));
    let sources = tagged.sources.iter().map(|source| format!("  source: {source}"));
    [head, format!("  {}", tagged.title)].into_iter().chain(sources).collect()
}

fn tag_name(tag: Tag) -> &'static str {
    match tag {
        Tag::Immediate => "immediate (red)",
        Tag::Delayed => "delayed (yellow)",
        Tag::Minor => "minor (green)",
        Tag::Expectant => "expectant (grey)",
        Tag::Deceased => "deceased (black)",
    }
}

fn score_json(scored: &Scored<'_>) -> Value {
    let score = scored.score;
    let (standing, why) = match &scored.standing {
        Standing::Applies => ("applies", vec![]),
        Standing::Unknown(inputs) => ("unknown", inputs.iter().map(|it| json!(it)).collect()),
        Standing::DoesNotApply(why) => {
            ("does_not_apply", why.iter().map(|it| json!({ "en": it.en, "zh": it.zh })).collect())
        }
    };
    let is_for_them = standing != "does_not_apply";
    let class = |class: Option<&Class>| {
        class
            .filter(|_| is_for_them)
            .map(|it| json!({ "id": it.id, "name": { "en": it.name.en, "zh": it.name.zh } }))
    };
    let missing: Vec<_> = scored.missing().into_iter().collect();
    json!({
        "id": score.id,
        "title": { "en": score.title.en, "zh": score.title.zh },
        "verified": score.verified,
        "edition": score.edition,
        "sources": score.sources,
        "standing": standing,
        "why": why,
        "value": scored.value(),
        "low": is_for_them.then_some(scored.total.low),
        "high": is_for_them.then_some(scored.total.high).filter(|high| high.is_finite()),
        "class_low": class(scored.class_low),
        "class_high": class(scored.class_high),
        "missing": missing,
        "items": scored.items.iter().map(item_json).collect::<Vec<_>>(),
    })
}

fn item_json(item: &ItemScored<'_>) -> Value {
    json!({
        "id": item.item.id,
        "name": { "en": item.item.name.en, "zh": item.item.name.zh },
        "low": item.points.low,
        "high": Some(item.points.high).filter(|high| high.is_finite()),
        "missing": item.missing,
        "uncovered": item.uncovered,
    })
}

fn tag_json(tagged: &Tagged) -> Value {
    json!({
        "tree": tagged.tree,
        "verified": tagged.is_verified,
        "tag": tagged.end.as_ref().ok(),
        "asks": tagged.end.as_ref().err(),
        "sources": tagged.sources,
    })
}
