//! The ways through the trees that ship, and what a wrong file is told.

use std::collections::BTreeMap;

use ems_dispatch::{Reference, ReferenceError, Tagging, Texts};
use ems_model::Tag;

/// Follows the tree of that name; each answer is to the question that is asked then.
fn tag(tree: &str, answers: &str) -> Option<Tag> {
    let reference = Reference::standard();
    let tree = reference.tag_trees().iter().find(|it| it.name.starts_with(tree)).unwrap();
    let mut given = BTreeMap::new();
    for answer in answers.chars() {
        let Tagging::Ask(step) = tree.follow(&given) else { return None };
        given.insert(step.id.clone(), answer == 'y');
    }
    match tree.follow(&given) {
        Tagging::Tagged(tag) => Some(tag),
        Tagging::Ask(_) => None,
    }
}

#[test]
fn each_way_through_the_trees_ends_at_its_tag() {
    let (now, later, minor) = (Tag::Immediate, Tag::Delayed, Tag::Minor);
    let rows = [
        ("start", "y", minor),
        ("start", "nny", now),
        ("start", "nnn", Tag::Deceased),
        ("start", "nyy", now),
        ("start", "nynn", now),
        ("start", "nynyn", now),
        ("start", "nynyy", later),
        ("jumpstart", "y", minor),
        ("jumpstart", "nny", now),
        ("jumpstart", "nnnn", Tag::Deceased),
        ("jumpstart", "nnnyy", now),
        ("jumpstart", "nnnyn", Tag::Deceased),
        ("jumpstart", "nyn", now),
        ("jumpstart", "nyyn", now),
        ("jumpstart", "nyyyn", now),
        ("jumpstart", "nyyyy", later),
        ("salt", "n", Tag::Deceased),
        ("salt", "yyyyyy", minor),
        ("salt", "yyyyyn", later),
        ("salt", "yny", now),
        ("salt", "ynn", Tag::Expectant),
        ("salt", "yyny", now),
        ("salt", "yyynn", Tag::Expectant),
        ("salt", "yyyyny", now),
    ];
    for (tree, answers, right) in rows {
        assert_eq!(tag(tree, answers), Some(right), "{tree} {answers}");
    }
    assert_eq!(tag("start", "ny"), None, "the breathing rate is still to be asked");
}

#[test]
fn a_tree_that_leads_nowhere_is_refused() {
    let standard = Texts::standard();
    let start = standard.tag_trees[0].text;
    let rows = [
        ("tag:minor", "tag:mnor", "is no tag"),
        ("no = \"breathes\"", "no = \"walks\"", "not below it"),
        ("no = \"breathes\"", "no = \"breathes-fast\"", "led to by none above it"),
        ("first = \"walks\"", "first = \"breathes\"", "led to by none above it"),
    ];
    for (from, to, what) in rows {
        let text = start.replacen(from, to, 1);
        assert_ne!(text, start, "{from}");
        let mut texts = standard.clone();
        texts.tag_trees[0].text = &text;
        let error = Reference::parse(&texts, "china").unwrap_err();
        let said = match &error {
            ReferenceError::Malformed { source, .. } => source.to_string(),
            other => other.to_string(),
        };
        assert!(said.contains(what), "{said}");
    }
}
