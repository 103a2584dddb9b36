//! Whole scores: published examples, what is missing, for whom they are not.

use std::collections::BTreeSet;

use ems_clinical::{InputError, Inputs, Observed, Scores, Standing};
use ems_model::RaceItems;

use crate::points::answer;

/// What a score says of answers `input=value ...`.
#[derive(Debug, PartialEq)]
struct Told {
    range: (f64, f64),
    classes: (Option<String>, Option<String>),
    missing: Vec<String>,
}

fn told(score: &str, answers: &str) -> Told {
    let scores = Scores::standard();
    let pairs = answers.split_whitespace().map(|pair| pair.split_once('=').unwrap());
    let pairs = pairs.map(|(id, value)| answer(scores.inputs(), id, value));
    let known = scores.inputs().observe(pairs).unwrap();
    let scored = scores.score(score, &known).unwrap();
    let id = |class: Option<&ems_clinical::Class>| class.map(|class| class.id.clone());
    Told {
        range: (scored.total.low, scored.total.high),
        classes: (id(scored.class_low), id(scored.class_high)),
        missing: scored.missing().into_iter().map(str::to_owned).collect(),
    }
}

/// Published examples: score, answers, what comes out, how near, and where from.
const EXAMPLES: &[(&str, &str, f64, f64, &str)] = &[
    (
        "triss-blunt",
        "injury_mechanism=blunt age_years=28 iss=9 gcs=15 systolic_mmhg=120 respiratory_rate_per_min=16",
        0.9942,
        0.000_05,
        "codingace.net, trauma_injury_severity_score, case A: RTS 7.8408, 99.42 %",
    ),
    (
        "triss-blunt",
        "injury_mechanism=blunt age_years=68 iss=22 gcs=10 systolic_mmhg=120 respiratory_rate_per_min=16",
        0.8253,
        0.000_3,
        "the same, case B: 82.53 % with RTS 6.9048, which no code adds up to; ours is 6.9040",
    ),
    (
        "triss-penetrating",
        "injury_mechanism=penetrating age_years=60 iss=29 gcs=3 systolic_mmhg=120 respiratory_rate_per_min=16",
        0.1834,
        0.000_3,
        "the same, case C: 18.34 % with RTS 4.0932; ours is 4.0936",
    ),
    ("rts", "gcs=15 systolic_mmhg=120 respiratory_rate_per_min=16", 7.8408, 1e-9, "Champion 1989"),
    (
        "shock-index",
        "heart_rate_per_min=76 systolic_mmhg=124",
        0.613,
        0.000_5,
        "codingace.net, shock_index, case A",
    ),
    (
        "modified-shock-index",
        "heart_rate_per_min=98 systolic_mmhg=110 diastolic_mmhg=70",
        1.176,
        0.000_5,
        "the same, case B",
    ),
    (
        "age-shock-index",
        "age_years=67 heart_rate_per_min=120 systolic_mmhg=96",
        83.75,
        0.005,
        "the same, case C",
    ),
    ("gcs-p", "gcs=5 pupils_unreactive=1", 4.0, 0.0, "medicpulse.org, GCS-P"),
    ("gcs-p", "gcs_eye=1 gcs_verbal=1 gcs_motor=1 pupils_unreactive=2", 1.0, 0.0, "the same"),
    (
        "rems",
        "age_years=40 heart_rate_per_min=80 respiratory_rate_per_min=16 systolic_mmhg=120 diastolic_mmhg=80 gcs=15 spo2_percent=98",
        0.0,
        0.0,
        "CRAN cliot, rems_score, example 1",
    ),
    (
        "race",
        "race_face=moderate_to_severe race_arm=severe race_leg=severe race_gaze=present race_cortex=severe",
        9.0,
        0.0,
        "CRAN cliot, race_stroke_scale, example 1",
    ),
];

#[test]
fn published_examples_come_out() {
    for &(score, answers, expected, within, _) in EXAMPLES {
        let (low, high) = told(score, answers).range;
        assert!(
            (low - expected).abs() <= within && high - low < 1e-12,
            "{score} {answers}: {low}..{high}"
        );
    }
}

#[test]
fn classes_begin_where_their_publication_says() {
    let sum = |score: &str, answers: &str, class: &str| {
        let told = told(score, answers);
        assert_eq!(told.classes, (Some(class.into()), Some(class.into())), "{score} {answers}");
    };
    sum("shock-index", "heart_rate_per_min=70 systolic_mmhg=100", "usual");
    sum("shock-index", "heart_rate_per_min=71 systolic_mmhg=100", "raised");
    sum("shock-index", "heart_rate_per_min=100 systolic_mmhg=100", "raised");
    sum("shock-index", "heart_rate_per_min=101 systolic_mmhg=100", "high");
    for (gcs, class) in [(8, "severe"), (9, "moderate"), (12, "moderate"), (13, "mild")] {
        sum("gcs", &format!("gcs={gcs}"), class);
    }
    sum("cpss", "cpss_face=normal cpss_arm=normal cpss_speech=normal", "negative");
    sum("cpss", "cpss_face=normal cpss_arm=normal cpss_speech=abnormal", "positive");
    sum("lams", "lams_face=present lams_arm=falls lams_grip=normal", "below");
    sum("lams", "lams_face=present lams_arm=falls lams_grip=weak", "likely");
    for (systolic, class) in [(0, "immediate"), (1, "immediate"), (89, "urgent"), (90, "delayed")] {
        let answers = format!("gcs=15 respiratory_rate_per_min=16 systolic_mmhg={systolic}");
        sum("t-rts", &answers, class);
    }
    sum("t-rts", "gcs=3 respiratory_rate_per_min=0 systolic_mmhg=0", "dead");
}

#[test]
fn a_red_item_lifts_news2_to_low_medium_and_five_and_seven_further() {
    let rest = "spo2_percent=98 spo2_scale=1 on_oxygen=no systolic_mmhg=120 consciousness=alert temperature_celsius=37";
    for (rates, total, class) in [
        ("respiratory_rate_per_min=16 heart_rate_per_min=70", 0.0, "low"),
        ("respiratory_rate_per_min=22 heart_rate_per_min=115", 4.0, "low"),
        ("respiratory_rate_per_min=16 heart_rate_per_min=131", 3.0, "low_medium"),
        ("respiratory_rate_per_min=25 heart_rate_per_min=115", 5.0, "medium"),
        ("respiratory_rate_per_min=25 heart_rate_per_min=131", 6.0, "medium"),
    ] {
        let told = told("news2", &format!("{rates} {rest}"));
        assert_eq!((told.range, told.classes.0.as_deref()), ((total, total), Some(class)));
    }
}

#[test]
fn what_is_missing_leaves_a_range_and_is_named() {
    for (score, answers, range, missing) in [
        (
            "qsofa",
            "respiratory_rate_per_min=24",
            (1.0, 3.0),
            "consciousness gcs_eye gcs_motor gcs_verbal systolic_mmhg",
        ),
        (
            "qsofa",
            "respiratory_rate_per_min=24 systolic_mmhg=90 consciousness=voice",
            (3.0, 3.0),
            "",
        ),
        ("gcs", "gcs_eye=4 gcs_motor=6", (11.0, 15.0), "gcs_verbal"),
        (
            "sirs",
            "respiratory_rate_per_min=24 temperature_celsius=37 heart_rate_per_min=80",
            (1.0, 2.0),
            "bands_percent leucocytes_1e9_per_l",
        ),
        (
            "news2",
            "spo2_percent=94 spo2_scale=2 respiratory_rate_per_min=16 systolic_mmhg=120 heart_rate_per_min=70 consciousness=alert temperature_celsius=37",
            (0.0, 3.0),
            "on_oxygen",
        ),
        (
            "mews",
            "respiratory_rate_per_min=12 systolic_mmhg=120 heart_rate_per_min=70 consciousness=confusion temperature_celsius=37",
            (0.0, 3.0),
            "",
        ),
        ("shock-index", "heart_rate_per_min=70", (0.2, f64::INFINITY), "systolic_mmhg"),
    ] {
        let told = told(score, answers);
        assert_eq!((told.range, told.missing.join(" ").as_str()), (range, missing), "{score}");
    }
}

#[test]
fn nothing_at_all_leaves_each_score_its_whole_range() {
    let scores = Scores::standard();
    let known = scores.inputs().observe([]).unwrap();
    let published = [
        ("news2", 0.0, 20.0),
        ("mews", 0.0, 14.0),
        ("qsofa", 0.0, 3.0),
        ("sirs", 0.0, 4.0),
        ("rems", 0.0, 26.0),
        ("gcs", 3.0, 15.0),
        ("gcs-p", 1.0, 15.0),
        ("rts", 0.0, 7.8408),
        ("t-rts", 0.0, 12.0),
        ("pews", 0.0, 11.0),
        ("apgar", 0.0, 10.0),
        ("cpss", 0.0, 3.0),
        ("be-fast", 0.0, 5.0),
        ("fast-ed", 0.0, 9.0),
        ("lams", 0.0, 5.0),
        ("race", 0.0, 9.0),
        ("heart", 0.0, 10.0),
        ("timi-ua-nstemi", 0.0, 7.0),
        ("timi-stemi", 0.0, 14.0),
    ];
    for (id, low, high) in published {
        let scored = scores.score(id, &known).unwrap();
        assert!((scored.total.low - low).abs() < 1e-9, "{id}: {:?}", scored.total);
        assert!((scored.total.high - high).abs() < 1e-9, "{id}: {:?}", scored.total);
        assert!(!scored.is_begun() && scored.value().is_none(), "{id}");
    }
}

#[test]
fn a_score_says_for_whom_it_was_not_made() {
    let standing = |score: &str, answers: &str| {
        let scores = Scores::standard();
        let pairs = answers.split_whitespace().map(|pair| pair.split_once('=').unwrap());
        let pairs = pairs.map(|(id, value)| answer(scores.inputs(), id, value));
        let known = scores.inputs().observe(pairs).unwrap();
        match scores.score(score, &known).unwrap().standing {
            Standing::Applies => "applies".to_owned(),
            Standing::Unknown(missing) => format!("unknown: {}", missing.join(" ")),
            Standing::DoesNotApply(why) => why[0].en.clone(),
        }
    };
    for (score, answers, expected) in [
        ("news2", "age_years=16 pregnant=no", "applies"),
        ("news2", "age_years=15.9 pregnant=no", "NEWS2 is not for children under 16"),
        ("news2", "age_years=30 pregnant=yes", "NEWS2 is not for pregnancy"),
        ("news2", "", "unknown: age_years pregnant"),
        ("pews", "age_years=17", "applies"),
        ("pews", "age_years=18", "PEWS is for children"),
        ("triss-penetrating", "injury_mechanism=penetrating age_years=15", "applies"),
        (
            "triss-penetrating",
            "injury_mechanism=penetrating age_years=14",
            "under 15 the coefficients of blunt injury hold: give injury_mechanism blunt",
        ),
        ("mews", "", "applies"),
    ] {
        assert_eq!(standing(score, answers), expected, "{score} {answers}");
    }
}

#[test]
fn answers_that_cannot_be_used_are_refused_with_a_remedy() {
    let inputs = Inputs::standard();
    let error = |answers: &[(&str, Observed)]| -> InputError {
        let answers = answers.iter().map(|(id, it)| ((*id).to_owned(), it.clone()));
        inputs.observe(answers).unwrap_err()
    };
    let number = Observed::Number;
    let choice = |option: &str| Observed::Choice(option.into());
    for (answers, message) in [
        (
            vec![("heart_rate", number(80.0))],
            "\"heart_rate\" is no input of a score (is it \"heart_rate_per_min\"?): correct the name, or leave it out",
        ),
        (
            vec![("mood", choice("good"))],
            "\"mood\" is no input of a score: correct the name, or leave it out",
        ),
        (
            vec![("temperature_celsius", number(98.6))],
            "temperature_celsius 98.6 is outside 10..=47 °C: measure again, or correct the unit",
        ),
        (
            vec![("spo2_percent", choice("98"))],
            "spo2_percent is not a number: give it in %, without quotation marks",
        ),
        (
            vec![("consciousness", choice("asleep"))],
            "consciousness \"asleep\" is none of its options: give alert, confusion, voice, pain, unresponsive",
        ),
        (
            vec![
                ("gcs", number(9.0)),
                ("gcs_eye", number(4.0)),
                ("gcs_verbal", number(5.0)),
                ("gcs_motor", number(6.0)),
            ],
            "gcs 9 is not 15, which follows from gcs_eye, gcs_verbal, gcs_motor: leave one of them out",
        ),
    ] {
        assert_eq!(error(&answers).to_string(), message);
    }
}

#[test]
fn race_is_the_scale_that_crews_send() {
    let race = RaceItems { face: None, arm: None, leg: None, gaze: None, cortex: None };
    let scores = Scores::standard();
    let known = scores.inputs().observe([]).unwrap();
    let table = scores.score("race", &known).unwrap();
    let items: Vec<_> =
        table.items.iter().map(|it| (it.item.id.as_str(), it.points.high)).collect();
    let sent: Vec<_> = race.items().map(|(name, _, most)| (name, f64::from(most))).into();
    assert_eq!(items, sent);
}

#[test]
fn every_input_is_asked_by_a_score_and_every_file_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/clinical/scores");
    let texts: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert_eq!(Scores::standard().iter().count(), texts.len());
    let asked = texts.concat();
    let unasked: BTreeSet<_> = Inputs::standard()
        .iter()
        .filter(|input| !asked.contains(&format!("\"{}\"", input.id)))
        .map(|input| input.id.clone())
        .collect();
    let parts = ["gcs_eye", "gcs_verbal", "gcs_motor", "diastolic_mmhg"].map(str::to_owned);
    assert_eq!(unasked, BTreeSet::from(parts), "parts of others are asked through them");
}

#[test]
fn tables_that_cannot_work_are_refused() {
    let text = include_str!("../../../../data/clinical/scores/qsofa.toml");
    for (from, to, message) in [
        (
            "points = 0 }, { points = 1 }] },\n]\n\n[[items]]\nid = \"mentation\"",
            "points = 0 }] },\n]\n\n[[items]]\nid = \"mentation\"",
            "qsofa: item respiratory_rate: the last band, and only it, lacks up_to and below: correct it",
        ),
        (
            "{ below = 22, points = 0 }, ",
            "{ below = 22, points = 0 }, { below = 20, points = 2 }, ",
            "qsofa: item respiratory_rate: bands do not rise: put the lower limit first",
        ),
        (
            "input = \"gcs\"",
            "input = \"glasgow\"",
            "qsofa: item mentation: \"glasgow\" is no input: add it to inputs.toml",
        ),
        ("alert = 0", "awake = 0", "qsofa: item mentation: awake is no option of consciousness"),
        (
            "input = \"gcs\", bands = [{ below = 15, points = 1 }, { points = 0 }]",
            "score = \"gcs\"",
            "qsofa: item mentation: score gcs does not stand before this one",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let error =
            Scores::parse(Inputs::standard(), [text.replace(from, to).as_str()]).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}
