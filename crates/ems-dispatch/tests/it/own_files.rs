//! A service's own files: what is wrong with one is said with its name, the value and the remedy.

use ems_dispatch::{File, Reference, Texts, plan_tasks};
use ems_model::{Millis, TaskId, Timestamp};

fn text_of(files: &[File<'static>], id: &str) -> &'static str {
    files.iter().find(|file| file.name.ends_with(&format!("/{id}.toml"))).unwrap().text
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the shipped file no longer says {from}");
    text.replacen(from, to, 1)
}

/// What is said of the shipped policy with `from` replaced.
fn policy_error(from: &str, to: &str) -> String {
    let text = replaced(text_of(&Texts::standard().policies, "closest-eta"), from, to);
    let texts =
        Texts { policies: vec![File { name: "own.toml", text: &text }], ..Texts::standard() };
    Reference::parse(&texts, "china").unwrap_err().to_string()
}

/// What is said of the shipped card "minor" with `from` replaced.
fn card_error(from: &str, to: &str) -> String {
    let text = replaced(text_of(&Texts::standard().cards, "minor"), from, to);
    let cards = vec![File { name: "own.toml", text: &text }];
    Reference::parse(&Texts { cards, ..Texts::standard() }, "china").unwrap_err().to_string()
}

#[test]
fn a_wrong_policy_is_refused() {
    for (from, to, expected) in [
        ("turn_out_s = 60", "turnout_s = 60", "unknown field `turnout_s`"),
        ("turn_out_s = 60", "turn_out_s = 99999", "99999 s is outside 0..=86400"),
        ("turn_out_s = 60", "turn_out_s = -1", "invalid value"),
        ("closest-eta/3", "closest", "name \"closest\" is not NAME/VERSION"),
        ("n_passed_over_max = 5", "n_passed_over_max = 6", "6 is outside 1..=5"),
        ("closest-unit/1\"", "nearest/1\"", "not one of closest-unit/1, least-cover-lost/1"),
        (
            "rule = \"closest-unit/1",
            "rule = \"least-cover-lost/1",
            "a rule weighs cover: add [cover]",
        ),
        ("rule = \"own-station/1", "rule = \"dmexclp/1", "a rule weighs cover: add [cover]"),
        (
            "[units]",
            "[cover]\nwithin_s = 480\nbusy_percent = 101\n[units]",
            "101 is outside 0..=100",
        ),
        ("[units]", "[[diversions]]\nfrom = 3\nto = [16]\n[units]", "rank 16 is outside 0..=15"),
    ] {
        let error = policy_error(from, to);
        assert!(error.starts_with("own.toml") && error.contains(expected), "{to}: {error}");
    }
}

#[test]
fn a_wrong_ranking_of_hospitals_is_refused() {
    for (from, to, expected) in [
        ("crowded_percent = 90", "crowded_percent = 5", "5 is outside 50..=300"),
        ("nedocs_limit = 100", "nedocs_limit = 10", "10 is outside 20..=200"),
        ("expected_from = 2", "expected_from = 0", "write 1 or more"),
        ("crowded_s = 300", "crowded_m = 5", "unknown field `crowded_m`"),
    ] {
        let text = replaced(Texts::standard().hospitals.text, from, to);
        let texts =
            Texts { hospitals: File { name: "own.toml", text: &text }, ..Texts::standard() };
        let error = Reference::parse(&texts, "china").unwrap_err().to_string();
        assert!(error.starts_with("own.toml") && error.contains(expected), "{to}: {error}");
    }
}

#[test]
fn a_wrong_card_is_refused() {
    for (from, to, expected) in [
        ("pain = [\"severe\"]", "pain = [\"awful\"]", "\"awful\" to pain, not one of severe, some"),
        ("pain = [\"severe\"]", "hurt = [\"severe\"]", "question \"hurt\", not one of awake"),
        ("pain = [\"severe\"]", "pain = []", "takes no answer to pain"),
        ("rank = 4", "rank = 5", "rank 5 is outside 1..=4"),
        ("pathway = \"general\"", "pathway = \"bone\"", "pathway \"bone\" is not one of"),
        ("id = \"severe\"", "id = \"unknown\"", "lists \"unknown\""),
        ("id = \"minor\"", "id = \"Minor 1\"", "1 to 40 characters"),
        ("id = \"walk\"", "id = \"pain\"", "question \"pain\" comes twice"),
        ("needs_hospital = [\"emergency\"]", "needs_hospital = []", "nothing of a hospital"),
        ("needs_hospital = [\"emergency\"]", "needs_hospital = [\"spa\"]", "unknown variant"),
        ("en = \"Minor injury or other\"", "en = \"\"", "empty in one language"),
    ] {
        let error = card_error(from, to);
        assert!(error.starts_with("own.toml") && error.contains(expected), "{to}: {error}");
    }
}

#[test]
fn a_scheme_must_rank_its_levels_and_name_each_urgency() {
    for (from, to, expected) in [
        ("rank = 2", "rank = 3", "level II has rank 3, not 2"),
        ("\"III\", \"IV\"]", "\"IV\", \"III\"]", "\"III\" after a less urgent code"),
        ("\"III\", \"IV\"]", "\"III\", \"V\"]", "\"V\", no level has that code"),
    ] {
        let text = replaced(text_of(&Texts::standard().schemes, "china"), from, to);
        let schemes = vec![File { name: "own.toml", text: &text }];
        let texts = Texts { schemes, ..Texts::standard() };
        let error = Reference::parse(&texts, "china").unwrap_err().to_string();
        assert!(error.starts_with("own.toml") && error.contains(expected), "{to}: {error}");
    }
}

#[test]
fn a_clock_must_be_between_two_marks_that_its_unit_has() {
    for (from, to, expected) in [
        ("start = \"rang\"", "start = \"ring\"", "\"ring\" is not one of rang, answered"),
        ("start = \"rang\"", "start = \"answered\"", "starts and stops at once"),
        ("start = \"assigned\"", "start = \"rang\"", "per unit, but a mark is of the call"),
        ("percent = 95", "percent = 101", "101 percent is outside 1..=100"),
    ] {
        let text = replaced(text_of(&Texts::standard().clocks, "china"), from, to);
        let clocks = vec![File { name: "own.toml", text: &text }];
        let texts = Texts { clocks, ..Texts::standard() };
        let error = Reference::parse(&texts, "china").unwrap_err().to_string();
        assert!(error.starts_with("own.toml") && error.contains(expected), "{to}: {error}");
    }
}

#[test]
fn two_files_with_one_id_and_a_scheme_that_is_not_there_are_refused() {
    let mut texts = Texts::standard();
    let again = File { name: "again.toml", text: text_of(&texts.cards, "minor") };
    texts.cards.push(again);
    assert_eq!(
        Reference::parse(&texts, "china").unwrap_err().to_string(),
        "again.toml: card \"minor\" is already given by another file: rename one of them"
    );
    assert_eq!(
        Reference::standard().with_scheme("mars").unwrap_err().to_string(),
        "priority scheme \"mars\" is not one of china, arp, esi: choose one of them"
    );
}

#[test]
fn tasks_are_numbered_in_the_files_order_and_due_at_the_arrival() {
    let reference = Reference::standard();
    let stroke = reference.pathways().iter().find(|p| p.id.as_str() == "stroke").unwrap();
    let eta = Timestamp::from_millis(3_600_000);
    let tasks = plan_tasks(stroke, eta, TaskId(41));
    assert_eq!(tasks.len(), stroke.tasks.len());
    for ((task, template), id) in tasks.iter().zip(&stroke.tasks).zip(41..) {
        assert_eq!((task.id, &task.what, task.due), (TaskId(id), &template.what, eta));
        assert_eq!(task.start_by(), eta - template.lead);
    }
    let bound = stroke.expected_call(Millis::from_mins(10));
    assert_eq!(bound, stroke.on_scene + Millis::from_mins(10) + stroke.at_hospital);
}
