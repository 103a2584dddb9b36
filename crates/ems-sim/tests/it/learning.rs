//! What a fleet's drives teach its centre: a twin drives in Malta at speeds that the centre does
//! not know.

use std::fs::{File, read_to_string};
use std::sync::{Arc, LazyLock};

use ems_centre::{City as Pack, DriveTimes};
use ems_model::{Millis, Timestamp};
use ems_roads::{
    BLUE_LIGHT, Flow, ImportRequest, Kmh, Lengths, Overlay, Profile, ROAD_CLASSES, Roads, import,
};
use ems_sim::{ArrivalErrors, CallSource, Faults, Simulation, SimulationPlan, Summary, Traced};
use ems_traces::{LessonRules, Shrinkage, SpanRules, Traces, calibrated_profile, learn};

use crate::simulate::{START, config};

static MALTA: LazyLock<Pack> = LazyLock::new(|| malta(Profile::blue_light()));

fn malta(profile: Profile) -> Pack {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/malta");
    let extract = File::open(format!("{data}/malta.osm.pbf")).unwrap();
    let overlay = Overlay::parse(&read_to_string(format!("{data}/overlay.toml")).unwrap()).unwrap();
    let request = ImportRequest { name: "Malta".into(), profile, overlay };
    let city = import(extract, &request, &mut |_| {}).unwrap();
    Pack::new(Arc::new(city.roads), &city.places)
}

/// Malta's roads where those of some classes are driven at a share of the map's speed.
fn slowed(share_of: impl Fn(&str) -> f64) -> Arc<Roads> {
    let roads = &MALTA.roads;
    let until = START + Millis::from_mins(60 * 24 * 365);
    let arcs = 0..2 * u32::try_from(roads.n_edges()).unwrap();
    let row = |arc: u32| {
        let free = roads.arc_metres(arc) / f64::from(roads.arc_time(arc)?) * 3600.0;
        let kmh = (free * share_of(ROAD_CLASSES[roads.arc_class(arc)])).clamp(1.0, 200.0);
        let flow = Flow::At(Kmh::new(kmh).unwrap());
        roads.overlaid(arc / 2, arc.is_multiple_of(2), flow, [START, until]).ok()
    };
    Arc::new(roads.under(&arcs.filter_map(row).collect(), START))
}

/// The share of the map's speed that is driven on a class of roads.
fn share_of(class: &str) -> f64 {
    match class {
        "primary" | "primary_link" | "trunk" | "trunk_link" => 0.65,
        "secondary" | "tertiary" => 0.75,
        _ => 0.9,
    }
}

/// A service whose fleet drives at other speeds than its centre knows.
fn run(city: Pack, driven: &Arc<Roads>, seed: u64, hours: i64) -> Summary {
    let span = Millis::from_mins(60 * hours);
    let mut plan = SimulationPlan::new(seed, START, span, Faults::none());
    plan.city.settings.report_positions_every(10, 25);
    plan.city.calls = CallSource::Poisson { per_hour: Some(24.0) };
    plan.city.driven = Some(Arc::clone(driven));
    plan.keeps_traces = true;
    let simulation = Simulation::new(plan, Arc::new(city), config()).unwrap();
    simulation.run(&mut std::io::sink(), &mut |_| {}).unwrap_or_else(|error| panic!("{error}"))
}

fn mean_s(arrivals: ArrivalErrors) -> f64 {
    assert!(arrivals.n > 50, "{arrivals:?}");
    arrivals.mean.unwrap().as_secs_f64()
}

fn csv(traced: &[Traced]) -> String {
    let line = |it: &Traced| {
        let secs = it.at.since(Timestamp::default()).as_secs_f64();
        format!("{},{secs},{},{}\n", it.unit, it.position.lat(), it.position.lon())
    };
    std::iter::once("unit,time,lat,lon\n".to_owned()).chain(traced.iter().map(line)).collect()
}

#[test]
fn what_the_first_days_drives_taught_makes_the_second_days_arrivals_surer() {
    let driven = slowed(share_of);
    let taught = run(MALTA.clone(), &driven, 1, 8);
    let rules = LessonRules {
        noise_m: 8.0,
        utc_offset_mins: 0,
        spans: SpanRules::CAREFUL,
        shrinkage: Shrinkage::CAREFUL,
    };
    let roads = &MALTA.roads;
    let traces = Traces::parse(csv(&taught.traces).as_bytes()).unwrap();
    let lesson = learn(roads, &Lengths::of(roads), &traces, &rules).unwrap();
    let profile = calibrated_profile(BLUE_LIGHT, &lesson.paces, "a test").unwrap();
    let mut learnt = malta(Profile::parse(&profile).unwrap());
    learnt.drive_times = DriveTimes { spread: Some(lesson.eta.into()), ..DriveTimes::default() };
    let before = run(MALTA.clone(), &driven, 2, 4).arrivals;
    let after = run(learnt, &driven, 2, 4).arrivals;
    assert!(mean_s(after) < 0.5 * mean_s(before), "{before:?} {after:?}");
    assert_eq!(after.n_likely, after.n);
    let within = 100 * after.n_within / after.n_likely;
    assert!((70..=92).contains(&within), "the 80 % interval held {within} %");
}

#[test]
fn roads_that_the_fleet_finds_slow_are_expected_to_be() {
    let driven = slowed(share_of);
    let blind = run(MALTA.clone(), &driven, 2, 4).arrivals;
    let mut city = MALTA.clone();
    city.drive_times.believes_fleet = true;
    let seeing = run(city, &driven, 2, 4).arrivals;
    assert!(mean_s(seeing) < mean_s(blind), "{blind:?} {seeing:?}");
}
