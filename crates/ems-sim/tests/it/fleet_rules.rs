//! Each rule of a fleet on a street of five nodes, a kilometre apart, where every time is known.
//!
//! A kilometre takes 0.01 days with lights and 0.02 without; on open ground the same.

use ems_dispatch::{
    ComplianceTable, CoverPatterns, Dispatch, Dmexclp, Exchange, MoveBounds, Relocation, Weighing,
    Worth,
};
use ems_sim::{
    Answer, Call, CityFiles, CoverFiles, FleetCity, FleetPolicy, NamedFile, Raster, Sending,
    derive_cover_patterns, run_fleet,
};

const HIGH: u8 = 1;
const LOW: u8 = 2;

/// Stations stand at 0 and 4 km, hospitals at 1 and 3; `units` wait at these stations, from 1.
pub(crate) fn street(units: &[usize], redispatch: bool) -> FleetCity {
    FleetCity::read(&street_files(units, redispatch)).unwrap()
}

pub(crate) fn street_files(units: &[usize], redispatch: bool) -> CityFiles {
    let nodes = (0..5).map(|km| format!("{},{km},0,1\n", km + 1)).collect::<Vec<_>>().concat();
    let arcs =
        (1..5).map(|a| format!("{a},{a},{},0.01,0.02\n", a + 1)).collect::<Vec<_>>().concat();
    let units =
        (1..).zip(units).map(|(unit, s)| format!("{unit},{s},1\n")).collect::<Vec<_>>().concat();
    let allowed = u8::from(redispatch);
    let file = |name: &str, text: String| NamedFile::new(name, text.as_bytes());
    CityFiles {
        arcs: file(
            "arcs",
            format!(
                "miscData,,\narcForm,numModes\nundirected,2\n\narcs,\n\
                 index,fromNode,toNode,mode_1,mode_2\n{arcs}5,2,1,0.5,0.5\n"
            ),
        ),
        nodes: file("nodes", format!("nodes\nindex,x,y,offRoadAccess\n{nodes}")),
        stations: file("stations", "stations\nindex,x,y\n1,0,0\n2,4,0\n".into()),
        hospitals: file("hospitals", "hospitals\nindex,x,y\n1,1,0\n2,3,0\n".into()),
        ambulances: file("ambulances", format!("ambulances\nindex,stationIndex,class\n{units}")),
        priorities: file(
            "priorities",
            "priorities\npriority,name,targetResponseTime\n1,high,0.03\n2,low,0.08\n".into(),
        ),
        travel: file(
            "travel",
            "travelModes\ntravelModeIndex,offRoadSpeed\n1,100\n2,50\n\n\
             travelSets\ntravelSetIndex,priority,travelModeIndex\n1,high,1\n1,low,2\n\n\
             travelSetsTiming\nstartTime,travelSetIndex\n0,1\n"
                .into(),
        ),
        map: file("map", "map\nxMin,xMax,yMin,yMax,xScale,yScale\n0,4,0,4,1,1\n".into()),
        redispatch: Some(file(
            "redispatch",
            format!(
                "miscData\nallowRedispatch\n{allowed}\n\nredispatchConditions\n\
                 fromCallPriority,toCallPriority,allowRedispatch\nlow,high,1\n"
            ),
        )),
    }
}

/// A call that is looked after at once; a unit stays 0.01 days, and nobody is taken away.
pub(crate) fn call(rank: u8, km: f64, arrival: f64) -> Call {
    Call {
        index: 1,
        rank,
        degrees: [km, 0.0],
        arrival,
        dispatch_delay: 0.0,
        on_scene: 0.01,
        handover: None,
        hospital: None,
    }
}

pub(crate) fn nearest(relocation: Relocation) -> FleetPolicy {
    FleetPolicy {
        dispatch: Sending::Rule(Dispatch::ClosestUnit),
        relocation,
        exchange: None,
        move_pause_min: 0.0,
    }
}

fn run(city: &FleetCity, policy: FleetPolicy, calls: Vec<Call>) -> Vec<Answer> {
    let mut answers = Vec::new();
    run_fleet(city, policy, calls, &mut |answer| answers.push(answer));
    answers.sort_by_key(|answer| answer.seq);
    answers
}

/// By call: the response in days, the unit, whether it was queued and how often bumped.
#[track_caller]
fn check(city: &FleetCity, calls: Vec<Call>, wanted: &[(f64, usize, bool, u32)]) {
    check_by(city, nearest(Relocation::OwnStation), calls, wanted);
}

#[track_caller]
fn check_by(
    city: &FleetCity,
    policy: FleetPolicy,
    calls: Vec<Call>,
    wanted: &[(f64, usize, bool, u32)],
) {
    let answers = run(city, policy, calls);
    assert_eq!(answers.len(), wanted.len());
    for (answer, (response, unit, was_queued, n_bumps)) in answers.iter().zip(wanted) {
        assert!((answer.response - response).abs() < 1e-12, "{answer:?} but {response}");
        let rest = (answer.unit, answer.was_queued, answer.n_bumps);
        assert_eq!(rest, (*unit, *was_queued, *n_bumps), "{answer:?}");
    }
}

#[test]
fn of_equally_near_units_the_first_is_sent() {
    check(&street(&[2, 1, 1], false), vec![call(HIGH, 2.0, 0.1)], &[(0.02, 0, false, 0)]);
    check(&street(&[2, 1, 1], false), vec![call(HIGH, 1.0, 0.1)], &[(0.01, 1, false, 0)]);
}

#[test]
fn the_fastest_of_parallel_arcs_counts_and_the_mode_is_the_priority_s() {
    check(&street(&[1], false), vec![call(LOW, 2.0, 0.1)], &[(0.04, 0, false, 0)]);
}

/// As `street(&[1], true)`; from half a day on lights are of no use, and from the first day on
/// everyone has them.
fn changing_street() -> CityFiles {
    let files = street_files(&[1], true);
    let travel = "travelModes\ntravelModeIndex,offRoadSpeed\n1,100\n2,50\n\n\
        travelSets\ntravelSetIndex,priority,travelModeIndex\n1,high,1\n1,low,2\n2,high,2\n\
        2,low,2\n3,high,1\n3,low,1\n\n\
        travelSetsTiming\nstartTime,travelSetIndex\n0,1\n0.5,2\n1,3\n1.5,1\n";
    CityFiles { travel: NamedFile::new("travel", travel.as_bytes()), ..files }
}

#[test]
fn a_trip_is_driven_in_the_mode_of_the_set_in_force_when_it_starts() {
    let city = FleetCity::read(&changing_street()).unwrap();
    let at = |rank, arrival| call(rank, 2.0, arrival);
    let calls = vec![at(HIGH, 0.1), at(HIGH, 0.499), at(HIGH, 0.6), at(LOW, 1.1), at(LOW, 1.6)];
    // The second starts within the first set and keeps its mode.
    let answers = [0.02, 0.02, 0.04, 0.02, 0.04].map(|response| (response, 0, false, 0));
    check(&city, calls, &answers);
}

#[test]
fn ways_home_and_to_hospital_are_driven_in_the_mode_of_their_start() {
    let city = FleetCity::read(&changing_street()).unwrap();
    let taken = Call { handover: Some(0.005), ..call(HIGH, 2.0, 0.97) };
    // With no lights there at 1.01, left at 1.02 with lights, at 1 km at 1.03, free at 1.035 and
    // home with lights: after 0.005 days it is half way along its arc.
    let calls = vec![taken, call(HIGH, 0.0, 1.04)];
    check(&city, calls, &[(0.04, 0, false, 0), (0.005, 0, false, 0)]);
}

#[test]
fn demand_is_that_of_the_set_in_force_first() {
    let file = |text: &str| NamedFile::new("demand", text.as_bytes());
    let demand = "demandModes\nmodeIndex,priority,arrivalRate\n1,high,10\n2,low,20\n\n\
        demandSets\nsetIndex,modeIndices\n1,[1; 2]\n2,[2]\n\n\
        demandSetsTiming\nstartTime,setIndex\n0,2\n0.5,1\n";
    let cover_times = "coverTimes\ndemandPriority,coverTime\nhigh,0.1\nlow,0.03\n";
    let raster = "# dx=1 dy=1 x0=-0.5 y0=0.5\nix,iy,z\n0,0,1\n3,0,1\n";
    let city = street(&[1], false);
    let raster = Raster::read(&file(raster)).unwrap();
    let derive = |demand: &str| {
        let files = CoverFiles { demand: file(demand), cover_times: file(cover_times) };
        derive_cover_patterns(&city, &files, &raster, 1.0)
    };
    let patterns = CoverPatterns::new(2, [(10.0, vec![1]), (10.0, vec![0])]);
    assert_eq!(derive(demand), Ok(patterns));
    let error = derive(&demand.replace("0,2\n", "0,3\n")).unwrap_err().to_string();
    assert!(error.contains("setIndex \"3\" is not a set of the table demandSets"), "{error}");
}

#[test]
fn sets_out_of_order_or_without_a_priority_are_refused() {
    for (from, to, told) in [
        ("0.5,2\n", "0,2\n", "travel line 18: startTime \"0\" is not later than 0"),
        ("2,low,2\n", "", "priorities line 4: name \"low\" is not a priority that every set"),
    ] {
        let mut files = changing_street();
        files.travel.text = files.travel.text.replacen(from, to, 1);
        let error = FleetCity::read(&files).unwrap_err().to_string();
        assert!(error.starts_with(told), "{error}");
    }
}

#[test]
fn the_way_home_is_interrupted_within_an_arc() {
    // Free at 4 km at 0.15, home without lights: at 0.175 it has three quarters of the arc from
    // 3 to 2 km before it, which it must follow before it turns.
    let calls = vec![call(HIGH, 4.0, 0.1), call(HIGH, 4.0, 0.175)];
    check(&street(&[1], false), calls, &[(0.04, 0, false, 0), (0.0075 + 0.02, 0, false, 0)]);
}

#[test]
fn a_way_interrupted_twice_within_an_arc_goes_on_from_where_it_is() {
    // As above, but the second call is low and bumped while the unit still follows that arc: of
    // the three quarters, 0.015 days without lights, 0.006 are driven.
    let calls = vec![call(HIGH, 4.0, 0.1), call(LOW, 0.0, 0.175), call(HIGH, 2.0, 0.181)];
    check(
        &street(&[1], true),
        calls,
        &[
            (0.04, 0, false, 0),
            (0.081 - 0.075 + 0.0045 + 0.01 + 0.04, 0, true, 1),
            (0.0045, 0, false, 0),
        ],
    );
}

#[test]
fn an_urgent_call_takes_a_unit_that_a_rule_lets_go() {
    let calls = || vec![call(LOW, 4.0, 0.1), call(HIGH, 1.0, 0.11)];
    // Half way along its first arc, it drives on with lights; the other call waits for it.
    let bumped = 0.01 + 0.005 + 0.01 + 0.06;
    check(&street(&[1], true), calls(), &[(bumped, 0, true, 1), (0.005, 0, false, 0)]);
    let late = 0.08 - 0.01 + 0.01 + 0.03;
    check(&street(&[1], false), calls(), &[(0.08, 0, false, 0), (late, 0, true, 0)]);
}

#[test]
fn a_call_that_lost_its_unit_is_given_another_at_once() {
    let calls = vec![call(LOW, 1.0, 0.1), call(HIGH, 0.0, 0.11)];
    let other = 0.01 + 0.06;
    // From half way to 1 km the first unit is nearest to 0 km: over the node at 1 km and back.
    check(&street(&[1, 2], true), calls, &[(other, 1, false, 1), (0.015, 0, false, 0)]);
}

#[test]
fn the_most_urgent_waits_least_and_then_who_came_first() {
    let calls = vec![
        call(HIGH, 0.0, 0.1),
        call(LOW, 0.0, 0.101),
        call(LOW, 0.0, 0.102),
        call(HIGH, 0.0, 0.103),
    ];
    let waited = |from: f64, place: f64| 0.1 + 0.01 * place - from;
    check(
        &street(&[1], false),
        calls,
        &[
            (0.0, 0, false, 0),
            (waited(0.101, 2.0), 0, true, 0),
            (waited(0.102, 3.0), 0, true, 0),
            (waited(0.103, 1.0), 0, true, 0),
        ],
    );
}

#[test]
fn on_its_last_leg_a_unit_turns_back_to_the_road() {
    // The low call lies 1 km off the node at 0; after 0.005 days the unit is 0.25 km out, goes
    // back with lights and on to 1 km.
    let off_road = Call { degrees: [0.0, 1.0], ..call(LOW, 0.0, 0.1) };
    let calls = vec![off_road, call(HIGH, 1.0, 0.105)];
    let back = 0.0025 + 0.01;
    let low = 0.005 + back + 0.01 + 0.02 + 0.02;
    check(&street(&[1], true), calls, &[(low, 0, true, 1), (back, 0, false, 0)]);
}

#[test]
fn patients_go_to_the_nearest_hospital_and_of_equals_to_the_first() {
    let taken = |km, arrival| Call { handover: Some(0.005), ..call(HIGH, km, arrival) };
    let city = street(&[1], false);
    let answers =
        run(&city, nearest(Relocation::OwnStation), vec![taken(2.0, 0.1), taken(3.0, 1.1)]);
    let hospitals: Vec<_> = answers.iter().map(|answer| answer.hospital).collect();
    assert_eq!(hospitals, [Some(0), Some(1)]);
    // At 2 km at 0.12, left at 0.13, at 1 km at 0.15, free at 0.155: the next call of 0.151 waits.
    let calls = vec![taken(2.0, 0.1), call(HIGH, 1.0, 0.151)];
    check(&city, calls, &[(0.02, 0, false, 0), (0.004, 0, true, 0)]);
}

#[test]
fn a_freed_unit_goes_where_it_covers_most() {
    let city = street(&[1, 1], false);
    let patterns = CoverPatterns::new(2, [(5.0, vec![0]), (4.0, vec![1])]);
    let dmexclp = Dmexclp::new(patterns.into(), 0.5, 2).unwrap();
    // Free at 1 km at 0.12, it goes to 4 km, for one unit covers 0 km already.
    let calls = vec![call(HIGH, 1.0, 0.1), call(HIGH, 4.0, 0.5)];
    let answers = run(&city, nearest(Relocation::Dmexclp(dmexclp)), calls);
    assert!(answers[1].response.abs() < 1e-12, "{answers:?}");
}

#[test]
fn an_idle_unit_moves_to_where_a_table_wants_it() {
    let patterns = CoverPatterns::new(2, [(5.0, vec![0]), (4.0, vec![1])]);
    let table = ComplianceTable::nested(&patterns, 0.2, 2, MoveBounds::NONE).unwrap();
    let long = Call { on_scene: 0.2, ..call(HIGH, 0.0, 0.1) };
    // The last free unit leaves 4 km for 0 km, 0.08 days away.
    let calls = vec![long, call(HIGH, 0.0, 0.19)];
    let moved = nearest(Relocation::Table(table));
    check_by(
        &street(&[1, 2], false),
        moved,
        calls.clone(),
        &[(0.0, 0, false, 0), (0.0, 1, false, 0)],
    );
    check(&street(&[1, 2], false), calls, &[(0.0, 0, false, 0), (0.04, 1, false, 0)]);
}

#[test]
fn a_freed_unit_takes_over_a_call_that_it_reaches_sooner() {
    // Free at 3 km at 0.12, it is at 4 km by 0.13; the unit from 0 km would be by 0.155.
    let calls = || vec![call(HIGH, 3.0, 0.1), call(HIGH, 4.0, 0.115)];
    let city = street(&[1, 2], false);
    let exchange = |minutes_min| FleetPolicy {
        exchange: Some(Exchange { minutes_min }),
        ..nearest(Relocation::OwnStation)
    };
    check_by(&city, exchange(30.0), calls(), &[(0.01, 1, false, 0), (0.015, 1, false, 1)]);
    check_by(&city, exchange(40.0), calls(), &[(0.01, 1, false, 0), (0.04, 0, false, 0)]);
}

#[test]
fn no_call_loses_its_unit_for_some_minutes_of_one_that_is_in_time() {
    let calls = || vec![call(LOW, 3.0, 0.1), call(HIGH, 2.0, 0.105)];
    let city = street(&[1, 2], true);
    check(&city, calls(), &[(0.065, 0, false, 1), (0.0175, 1, false, 0)]);
    let weighing = Weighing { worth: Worth::InTime, per_minute: 0.02, per_cover: 0.0 };
    let weighed =
        FleetPolicy { dispatch: Sending::Weighed(weighing), ..nearest(Relocation::OwnStation) };
    check_by(&city, weighed, calls(), &[(0.02, 1, false, 0), (0.02, 0, false, 0)]);
}

const NAMES: [&str; 9] = [
    "arcs",
    "nodes",
    "stations",
    "hospitals",
    "ambulances",
    "priorities",
    "travel",
    "map",
    "redispatch",
];

#[test]
fn a_file_with_any_byte_changed_is_read_or_refused_with_its_name() {
    let files = street_files(&[1, 2], true);
    let mut n_refused = 0;
    for idx in 0..9 {
        let n_bytes = file_of(&mut files.clone(), idx).text.len();
        for (at, with) in
            (0..n_bytes).flat_map(|at| [",", "0", "9", "\n", "-", ""].map(|w| (at, w)))
        {
            let mut files = files.clone();
            let file = file_of(&mut files, idx);
            file.text.replace_range(at..=at, with);
            if let Err(error) = FleetCity::read(&files) {
                let told = error.to_string();
                let is_named = NAMES.iter().any(|name| told.starts_with(name));
                assert!(is_named && told.contains(": "), "{told}");
                n_refused += 1;
            }
        }
    }
    assert!(n_refused > 1000, "{n_refused}");
}

fn file_of(files: &mut CityFiles, idx: usize) -> &mut NamedFile {
    let rest = files.redispatch.as_mut().unwrap();
    [
        &mut files.arcs,
        &mut files.nodes,
        &mut files.stations,
        &mut files.hospitals,
        &mut files.ambulances,
        &mut files.priorities,
        &mut files.travel,
        &mut files.map,
        rest,
    ]
    .into_iter()
    .nth(idx)
    .unwrap()
}
