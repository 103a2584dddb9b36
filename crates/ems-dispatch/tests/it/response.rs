//! Run cards and who takes their places: the shipped cards by example, the filling beside every
//! other way of filling.

use std::collections::BTreeMap;

use ems_dispatch::{
    Attendance, DroneFacts, File, Loss, NextCover, OnCall, Outlook, Reference, ResponseRules,
    RunCard, Slot, Text, Texts, UnitFacts, UnitQuery,
};
use ems_model::{
    CrewState, IncidentId, Millis, Need, NoUnit, Phase, Response, SlotState, Timestamp,
    UnitCandidate, UnitId, UnitKind as Kind, UnitReason, UnitState,
};

const AVAILABLE: UnitState = UnitState::Available { last: None };

fn id(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

fn facts(name: &str, kind: Kind, secs: i64) -> UnitFacts {
    UnitFacts {
        id: id(name),
        kind,
        state: AVAILABLE,
        crew: CrewState::OnShift { until: Timestamp::from_millis(1_000_000_000) },
        eta: Some(Millis::from_secs(secs)),
        likely: None,
        position_age: Some(Millis::ZERO),
        station: None,
        next_cover: NextCover::NotWeighed,
        call_rank: None,
        cover_lost: None,
        loss: None,
        meal_due: None,
        range_low: None,
    }
}

fn drone(name: &str, metres: f64) -> DroneFacts {
    DroneFacts { facts: facts(name, Kind::Drone, 0), metres }
}

fn query(rank: u8, needs: Kind) -> UnitQuery {
    let target = Some(Millis::from_mins(12));
    let (waited, expected_call) = (Millis::ZERO, Millis::from_mins(60));
    UnitQuery { now: Timestamp::default(), rank, target, waited, needs, expected_call }
}

fn rules<'a>(reference: &'a Reference, card: &'a RunCard) -> ResponseRules<'a> {
    ResponseRules {
        card,
        cards: reference.run_cards(),
        flight: reference.flight(),
        policy: reference.policy(),
    }
}

/// Who takes each place: a unit sent, `=unit` on the call already, `-why` nobody.
fn told(response: &Response) -> Vec<String> {
    let say = |state: &SlotState| match state {
        SlotState::Held { unit } => format!("={unit}"),
        SlotState::Fills { unit, .. } => unit.to_string(),
        SlotState::Empty { why } => match why {
            NoUnit::NotNeeded { by } => format!("-said {by}"),
            NoUnit::NoSuchUnit => "-none".into(),
            NoUnit::NotFree { unit, .. } => format!("-{unit}"),
            NoUnit::TakenByOthers => "-taken".into(),
            NoUnit::TooLate { unit, .. } => format!("-late {unit}"),
            NoUnit::NotWorth { unit } => format!("-dear {unit}"),
        },
    };
    response.slots.iter().map(|slot| say(&slot.state)).collect()
}

fn there(on_call: &[OnCall]) -> Attendance {
    Attendance { on_call: on_call.to_vec(), ..Attendance::default() }
}

fn arrest(on_call: &[OnCall], units: &[UnitFacts], drones: &[DroneFacts]) -> Response {
    let reference = Reference::standard();
    let rules = rules(&reference, reference.run_cards().get("cardiac-arrest").unwrap());
    let query = query(1, Kind::Als);
    rules.respond(&query, &there(on_call), &rules.rank(&query, units, drones))
}

#[test]
fn answers_and_priority_choose_the_run_card() {
    let reference = Reference::standard();
    let card_of = |complaint: &str, answers: &[(&str, &str)], code: Option<&str>| {
        let answers: BTreeMap<_, _> =
            answers.iter().map(|(q, a)| ((*q).to_owned(), (*a).to_owned())).collect();
        let suggestion = reference.suggest(complaint, &answers, Some(50)).unwrap();
        let given = code.map(|code| reference.priority(code).unwrap());
        let priority = given.unwrap_or_else(|| suggestion.priority.clone());
        reference.run_card(complaint, &answers, &suggestion, &priority).id.clone()
    };
    let dead = [("awake", "cannot-wake"), ("breathing", "none")];
    let well = [("awake", "alert"), ("breathing", "normal")];
    for (complaint, answers, code, card) in [
        ("cardiac-arrest", &dead[..], None, "cardiac-arrest"),
        ("unconscious", &dead, None, "cardiac-arrest"),
        ("trauma", &dead, None, "cardiac-arrest"),
        ("cardiac-arrest", &dead, Some("II"), "als"),
        ("cardiac-arrest", &well, None, "als"),
        ("trauma", &[("breathing", "laboured")], None, "major-trauma"),
        ("trauma", &[("trapped", "yes"), ("awake", "alert")], Some("II"), "entrapment"),
        ("minor", &well, None, "one-unit"),
    ] {
        assert_eq!(card_of(complaint, answers, code), card, "{complaint} {answers:?} {code:?}");
    }
}

#[test]
fn an_arrest_gets_two_crews_a_physician_and_the_drone_that_is_there_first() {
    let units = [
        facts("A1", Kind::Als, 500),
        facts("A2", Kind::Als, 600),
        facts("B1", Kind::Bls, 240),
        facts("D1", Kind::DoctorCar, 700),
    ];
    let all = arrest(&[], &units, &[drone("F1", 2_000.0), drone("F2", 1_500.0)]);
    assert_eq!(told(&all), ["A1", "B1", "D1", "F2"]);
    assert_eq!(all.first_crew, Some(Millis::from_secs(300)));
    let far = arrest(&[], &units, &[drone("F1", 7_000.0)]);
    assert_eq!(told(&far)[3], "-F1");
    let slow = arrest(&[], &units, &[drone("F1", 5_900.0)]);
    assert_eq!(told(&slow)[3], "-late F1");
    let few = arrest(&[], &[facts("B1", Kind::Bls, 240), facts("B2", Kind::Bls, 400)], &[]);
    assert_eq!(told(&few), ["-none", "B1", "-none", "-none"]);
    let one = arrest(&[], &units[..1], &[]);
    assert_eq!(told(&one), ["A1", "-taken", "-none", "-none"]);
}

#[test]
fn who_is_on_the_call_keeps_a_place_and_the_rest_is_sent() {
    let held =
        |name, kind, secs| OnCall { unit: id(name), kind, eta: Some(Millis::from_secs(secs)) };
    let units = [facts("A2", Kind::Als, 60), facts("B1", Kind::Bls, 240)];
    let response = arrest(&[held("A1", Kind::Als, 400)], &units, &[]);
    assert_eq!(told(&response), ["=A1", "A2", "-none", "-none"]);
    let on_call =
        [held("P1", Kind::Physician, 300), held("B2", Kind::Bls, 0), held("B3", Kind::Bls, 10)];
    let response = arrest(&on_call, &units, &[]);
    assert_eq!(told(&response), ["A2", "=B2", "=P1", "-none"]);
    assert_eq!(response.beyond, [id("B3")]);
    assert_eq!(response.unmet().count(), 0);
}

#[test]
fn a_unit_leaves_another_call_for_a_needed_place_only() {
    let reference = Reference::standard();
    let policy = reference.policy_named("urgent-first/1").unwrap();
    let card = reference.run_cards().get("major-trauma").unwrap();
    let rules = ResponseRules { policy, ..rules(&reference, card) };
    let under_way = |name: &str, secs: i64| UnitFacts {
        state: UnitState::Engaged { incident: IncidentId(3), phase: Phase::EnRoute },
        call_rank: Some(4),
        ..facts(name, Kind::Als, secs)
    };
    let query = query(1, Kind::Als);
    let fill =
        |units: &[UnitFacts]| rules.respond(&query, &there(&[]), &rules.rank(&query, units, &[]));
    let one = fill(&[facts("A1", Kind::Als, 900), under_way("A2", 100)]);
    assert_eq!(told(&one)[..2], ["A2", "A1"]);
    assert_eq!(one.to_divert(), BTreeMap::from([(id("A2"), IncidentId(3))]));
    let two = fill(&[under_way("A2", 100), under_way("A3", 110)]);
    assert_eq!(told(&two)[..2], ["A2", "-dear A3"]);
}

#[test]
fn what_a_crew_on_scene_does_not_need_is_not_sent_again() {
    let reference = Reference::standard();
    let rules = rules(&reference, reference.run_cards().get("cardiac-arrest").unwrap());
    let query = query(1, Kind::Als);
    let units = [facts("A1", Kind::Als, 60), facts("D1", Kind::DoctorCar, 90)];
    let on_call = vec![OnCall { unit: id("B1"), kind: Kind::Bls, eta: Some(Millis::ZERO) }];
    let not_needed = ["als", "physician"].map(|slot| (slot.to_owned(), id("B1"))).into();
    let there = Attendance { on_call, not_needed };
    let response = rules.respond(&query, &there, &rules.rank(&query, &units, &[]));
    assert_eq!(told(&response), ["-said B1", "=B1", "-said B1", "-none"]);
    assert_eq!(response.unmet().count(), 0);
}

#[test]
fn a_drone_flies_to_arrests_only_and_never_comes_before_an_ambulance() {
    let reference = Reference::standard();
    let rank = |card: &str, drone: DroneFacts| {
        let rules = rules(&reference, reference.run_cards().get(card).unwrap());
        let units = [facts("A1", Kind::Als, 900), facts("D1", Kind::DoctorCar, 30)];
        rules.rank(&query(1, Kind::Als), &units, &[drone])
    };
    let ranked = rank("cardiac-arrest", drone("F1", 600.0));
    let ranked = ranked.candidates;
    let names: Vec<_> = ranked.iter().map(|it| it.unit.as_str()).collect();
    assert_eq!(names, ["A1", "D1", "F1"]);
    // 60 s to take off, 36 s at 60 km/h, 30 s to lower it.
    assert_eq!(ranked[2].eta, Some(Millis::from_secs(126)));
    assert_eq!(ranked[2].cons[0], UnitReason::CannotTransport);
    let busy = UnitState::Engaged { incident: IncidentId(3), phase: Phase::EnRoute };
    let busy =
        DroneFacts { facts: UnitFacts { state: busy, ..drone("F1", 0.0).facts }, metres: 0.0 };
    for (card, drone, why) in [
        ("als", drone("F1", 600.0), UnitReason::NotOnRunCard { card: "als".into() }),
        (
            "cardiac-arrest",
            drone("F1", 6_000.5),
            UnitReason::OutOfRange { metres: 6_001, limit: 6_000 },
        ),
        ("cardiac-arrest", busy, UnitReason::Busy { incident: IncidentId(3) }),
    ] {
        let ranked = rank(card, drone).candidates;
        assert!(!ranked[2].is_eligible);
        assert_eq!(ranked[2].cons[0], why);
    }
}

/// What one way of filling is worth: less is better.
type Worth = (usize, usize, Option<Millis>, i64);

/// The best worth of all ways to fill the card.
fn best(
    rules: &ResponseRules<'_>,
    query: &UnitQuery,
    on_call: &[OnCall],
    free: &[&UnitCandidate],
) -> Worth {
    let n = on_call.len() + free.len();
    let slots = &rules.card.slots;
    let mut ways = vec![Vec::new()];
    for _ in slots {
        let longer = |way: &Vec<usize>| {
            let (way, used) = (way.clone(), way.clone());
            let columns = (0..=n).filter(move |it| *it == n || !used.contains(it));
            columns.map(move |it| [&way[..], &[it]].concat()).collect::<Vec<_>>()
        };
        ways = ways.iter().flat_map(longer).collect();
    }
    let worths = ways.iter().filter_map(|way| worth(rules, query, on_call, free, way));
    worths.min().expect("leaving all empty is a way")
}

/// `None` where a unit cannot take the place that this way gives it.
fn worth(
    rules: &ResponseRules<'_>,
    query: &UnitQuery,
    on_call: &[OnCall],
    free: &[&UnitCandidate],
    way: &[usize],
) -> Option<Worth> {
    let sent = |column: usize| free.get(column.checked_sub(on_call.len())?).copied();
    let coming = way.iter().filter_map(|column| sent(*column));
    let coming = coming.filter(|it| it.kind.is_crewed()).filter_map(|it| it.eta);
    let there = on_call.iter().filter(|it| it.kind.is_crewed()).filter_map(|it| it.eta);
    let first = coming.chain(there).min();
    let (mut n_held, mut n_unmet, mut cost) = (0, 0, 0);
    for (slot, column) in rules.card.slots.iter().zip(way) {
        let step = rules.cards.later_kind.get();
        let place = |kind| {
            let place = slot.kinds.iter().position(|it| *it == kind)?;
            Some(i64::try_from(place).unwrap() * step)
        };
        if let Some(held) = on_call.get(*column) {
            n_held += 1;
            cost += place(held.kind)?;
        } else if let Some(unit) = sent(*column) {
            let limit = first.zip(slot.within).map(|(first, within)| first + within);
            if limit.is_some_and(|limit| unit.eta.unwrap() > limit) {
                return None;
            }
            cost +=
                bare(rules, query, unit) + place(unit.kind)? + level_cost(rules, query, slot, unit);
        } else {
            n_unmet += usize::from(slot.need == Need::Needed);
            cost += rules.cards.unfilled.get();
        }
    }
    let first = first.filter(|_| rules.card.is_first_hands);
    Some((8 - n_held, n_unmet, first.or(Some(Millis::from_mins(10_000))), cost))
}

/// The cost of a candidate without what was added for its kind, which the test's units make exact:
/// nothing else is added to their drive.
fn bare(rules: &ResponseRules<'_>, _: &UnitQuery, unit: &UnitCandidate) -> i64 {
    assert!(rules.policy.units.position_fresh > Millis::ZERO);
    unit.eta.unwrap().get()
}

fn level_cost(
    rules: &ResponseRules<'_>,
    query: &UnitQuery,
    slot: &Slot,
    unit: &UnitCandidate,
) -> i64 {
    let level = |kind| match kind {
        Kind::Drone => None,
        Kind::Bls => Some(0),
        Kind::Als => Some(1),
        Kind::Physician | Kind::DoctorCar => Some(2),
    };
    let Some(has) = level(unit.kind) else { return 0 };
    let below = level(slot.kinds[0]).unwrap_or(-1) - has;
    let policy = &rules.policy.units;
    let is_urgent = query.rank <= policy.urgent_rank_max;
    let step = match (below > 0, is_urgent) {
        (true, true) => policy.wrong_capability_urgent,
        (true, false) => policy.wrong_capability,
        (false, true) => Millis::ZERO,
        (false, false) => policy.more_than_needed,
    };
    step.get() * i64::abs(below)
}

/// Numbers that look like chance, the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: u64) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % n).unwrap()
    }

    fn kind(&mut self) -> Kind {
        [Kind::Bls, Kind::Als, Kind::Physician, Kind::DoctorCar][self.roll(4)]
    }

    fn slot(&mut self, idx: usize, is_first_hands: bool) -> Slot {
        let mut kinds: Vec<_> = (0..=self.roll(3)).map(|_| self.kind()).collect();
        kinds.dedup();
        if kinds.len() > 2 && kinds[0] == kinds[2] {
            kinds.pop();
        }
        let mut need = [Need::Needed, Need::Wished][self.roll(2)];
        if self.roll(6) == 0 {
            (kinds, need) = (vec![Kind::Drone], Need::Wished);
        }
        let may_limit = is_first_hands && need == Need::Wished && self.roll(2) == 0;
        let within = [0, 120, 600][self.roll(3)];
        Slot {
            id: format!("s{idx}"),
            name: Text { en: "s".into(), zh: "s".into() },
            kinds,
            need,
            within: may_limit.then(|| Millis::from_secs(within)),
        }
    }
}

#[test]
fn no_other_way_of_filling_is_better() {
    let reference = Reference::standard();
    let mut dice = Dice(7);
    for round in 0..250 {
        let is_first_hands = dice.roll(2) == 0;
        let slots: Vec<_> =
            (0..=dice.roll(3) + dice.roll(2)).map(|idx| dice.slot(idx, is_first_hands)).collect();
        let card = RunCard { is_first_hands, slots, ..reference.run_cards().cards[0].clone() };
        let rules = rules(&reference, &card);
        let query = query([1, 3][dice.roll(2)], dice.kind());
        let secs = |dice: &mut Dice| 60 * i64::try_from(dice.roll(40)).unwrap();
        let units: Vec<_> = (0..dice.roll(5))
            .map(|idx| (idx, dice.kind(), secs(&mut dice)))
            .map(|(idx, kind, secs)| facts(&format!("U{idx}"), kind, secs))
            .collect();
        let drones: Vec<_> = (0..dice.roll(3))
            .map(|idx| {
                drone(&format!("F{idx}"), 500.0 * f64::from(u32::try_from(dice.roll(13)).unwrap()))
            })
            .collect();
        let on_call: Vec<_> = (0..dice.roll(3))
            .map(|idx| OnCall {
                unit: id(&format!("C{idx}")),
                kind: dice.kind(),
                eta: (dice.roll(5) > 0).then(|| Millis::from_secs(secs(&mut dice))),
            })
            .collect();
        let candidates = rules.rank(&query, &units, &drones);
        let response = rules.respond(&query, &there(&on_call), &candidates);
        let free = candidates.candidates.iter();
        let free: Vec<_> = free.filter(|it| it.is_eligible).collect();
        let n_held = response.slots.iter().filter(|it| matches!(it.state, SlotState::Held { .. }));
        let first = response.first_crew.filter(|_| is_first_hands);
        let own = (
            8 - n_held.count(),
            response.unmet().count(),
            first.or(Some(Millis::from_mins(10_000))),
            response.cost,
        );
        let best = best(&rules, &query, &on_call, &free);
        assert_eq!(own, best, "round {round}: {card:?} {on_call:?} {units:?} gives {response:?}");
        assert_eq!(response, rules.respond(&query, &there(&on_call), &candidates));
    }
}

#[test]
fn a_single_place_goes_to_who_does_least_harm_or_leads() {
    let reference = Reference::standard();
    let card = reference.run_cards().get("one-unit").unwrap();
    let policy = reference.policy_named("nested-compliance/1").unwrap();
    let rules = ResponseRules { policy, ..rules(&reference, card) };
    let query = query(1, Kind::Bls);
    let target = query.target.map_or(f64::INFINITY, |target| target.as_secs_f64() / 60.0);
    let before = Outlook { rank: 3, response: 10.0, target };
    let taken = UnitFacts {
        state: UnitState::Engaged { incident: IncidentId(7), phase: Phase::EnRoute },
        call_rank: Some(3),
        loss: Some(Loss { before, after: Some(30.0) }),
        ..facts("A1", Kind::Als, 300)
    };
    let units = [taken, facts("A2", Kind::Als, 500), facts("A3", Kind::Als, 600)];
    let mut ranking = rules.rank(&query, &units, &[]);
    let told = |ranking: &_| told(&rules.respond(&query, &there(&[]), ranking));
    // The nearest would make the call late that it leaves.
    assert_eq!(told(&ranking), ["A2"]);
    ranking.lead(&id("A3"));
    assert_eq!(told(&ranking), ["A3"]);
    assert_eq!(told(&ranking.only(&[id("A1"), id("A2")])), ["A2"]);
    let first: Vec<_> = ranking.candidates.iter().map(|it| it.unit.to_string()).collect();
    assert_eq!(first, ["A3", "A2", "A1"]);
}

#[test]
fn a_wrong_run_card_or_drone_is_refused() {
    let shipped = Texts::standard();
    let error = |from: &str, to: &str| {
        let [cards, drone] = [shipped.run_cards.text, shipped.drone.text].map(|text| {
            if text.contains(from) { text.replacen(from, to, 1) } else { text.to_owned() }
        });
        assert!(
            cards != shipped.run_cards.text || drone != shipped.drone.text,
            "{from} is not there"
        );
        let texts = Texts {
            run_cards: File { name: "own.toml", text: &cards },
            drone: File { name: "own.toml", text: &drone },
            ..shipped.clone()
        };
        Reference::parse(&texts, "china").unwrap_err().to_string()
    };
    for (from, to, expected) in [
        ("first_hands = true", "first_hand = true", "unknown field `first_hand`"),
        ("urgency_max = 1", "urgency_max = 5", "urgency_max is outside 1..=4"),
        ("pathways = [\"trauma\"]", "pathways = [\"bone\"]", "pathway \"bone\", not one of"),
        ("complaints = [\"trauma\"]", "complaints = [\"fire\"]", "complaint \"fire\", not one of"),
        ("trapped = [\"yes\"]", "trapped = [\"maybe\"]", "an answer that is not there"),
        ("kinds = [\"als\", \"physician\"]", "kinds = [\"als\", \"als\"]", "or one twice"),
        ("kinds = [\"als\", \"physician\"]", "kinds = [\"drone\"]", "which treats nobody"),
        ("need = \"needed\" }", "need = \"needed\", within_s = 60 }", "has within_s"),
        ("id = \"one-unit\"", "id = \"one-unit\"\nurgency_max = 2", "the last run card"),
        ("needs = [\"als\"]\n", "", "hides the rest"),
        ("run-cards/1", "run-cards", "is not NAME/VERSION"),
        ("ground_speed_kmh = 60", "ground_speed_kmh = 600", "600 is outside 10..=200"),
        ("range_m = 6000", "range_km = 6", "unknown field `range_km`"),
    ] {
        let error = error(from, to);
        assert!(error.starts_with("own.toml") && error.contains(expected), "{to}: {error}");
    }
}
