//! Cities that nothing was tuned to, beside a slow fleet that follows the letter of the rules: made
//! up ones in the forms that JEMSS reads, and the real ones with stations gone and in another order.

use ems_dispatch::{CoverPatterns, Dmexclp, Relocation};
use ems_sim::{
    Answer, Call, CallLaws, CityFiles, CoverFiles, DrawnCalls, FleetCity, NamedFile, Raster,
    derive_cover_patterns, read_calls, run_fleet,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::fleet::{city_files, open, shared};
use crate::fleet_rules::{nearest, street_files};
use crate::made_city::MadeCity;
use crate::slow_fleet::{SlowCall, SlowCity, SlowCover, read_slowly, rows, run_slowly};

fn answers(city: &FleetCity, relocation: Relocation, mut calls: Vec<Call>) -> Vec<Answer> {
    calls.sort_by(|a, b| a.arrival.total_cmp(&b.arrival));
    let mut answers = Vec::new();
    run_fleet(city, nearest(relocation), calls, &mut |answer| answers.push(answer));
    answers
}

/// How many calls waited, lost a unit, and were answered from elsewhere than a home station.
#[track_caller]
fn compare(name: &str, answers: &[Answer], wanted: &[SlowCall]) -> [usize; 2] {
    assert_eq!(answers.len(), wanted.len(), "{name}");
    let of = |call: &SlowCall| answers.iter().find(|answer| answer.call.index == call.index);
    for call in wanted {
        let (answer, wanted) = (of(call).unwrap(), call.answer.unwrap());
        let rest = (answer.unit, answer.hospital, answer.was_queued, answer.n_bumps);
        let (response, unit, hospital, queued, bumps) = wanted;
        assert_eq!(rest, (unit, hospital, queued, bumps), "{name}: {answer:?}, {wanted:?}");
        assert!((answer.response - response).abs() < 1e-9, "{name}: {answer:?}, {wanted:?}");
    }
    let count = |is: fn(&Answer) -> bool| answers.iter().filter(|answer| is(answer)).count();
    [count(|answer| answer.was_queued), count(|answer| answer.n_bumps > 0)]
}

/// Demand as points, each with the stations that cover it for a rank.
fn slow_cover(made: &MadeCity, city: &SlowCity, busy: f64) -> SlowCover {
    let total: f64 = made.cells.iter().map(|(z, _)| z).sum();
    let mut demand = Vec::new();
    for (rank, [rate, within]) in made.demand.iter().enumerate() {
        for (z, points) in &made.cells {
            let n = f64::from(u32::try_from(points.len()).unwrap());
            for point in points {
                let days = city.cover_days(rank, city.spot(*point));
                let covers = days.iter().map(|days| days <= within).collect();
                demand.push((rate * z / total / n, covers));
            }
        }
    }
    SlowCover { demand, busy }
}

#[test]
fn made_up_cities_are_served_as_a_slow_fleet_serves_them() {
    let (mut n_queued, mut n_bumped) = (0, 0);
    for seed in 0..40u8 {
        let made = MadeCity::new(Pcg64Mcg::seed_from_u64(seed.into()), 150);
        let slow = SlowCity::read(&made.files);
        let city = FleetCity::read(&made.files).unwrap();
        let calls = read_calls(&made.calls, &city).unwrap();
        let slow_calls = read_slowly(&made.calls);
        let wanted = run_slowly(&slow, None, slow_calls.clone());
        let ours = answers(&city, Relocation::OwnStation, calls.clone());
        let [queued, bumped] = compare(&format!("seed {seed}, none"), &ours, &wanted);
        (n_queued, n_bumped) = (n_queued + queued, n_bumped + bumped);

        let busy = 0.1 + 0.02 * f64::from(seed);
        let raster = Raster::read(&made.raster).unwrap();
        let patterns = derive_cover_patterns(&city, &made.cover, &raster, 1.0).unwrap();
        let dmexclp = Dmexclp::new(patterns.into(), busy, city.n_units()).unwrap();
        let ours = answers(&city, Relocation::Dmexclp(dmexclp), calls);
        let cover = slow_cover(&made, &slow, busy);
        let wanted = run_slowly(&slow, Some(&cover), slow_calls);
        compare(&format!("seed {seed}, dmexclp"), &ours, &wanted);
    }
    assert!(n_queued > 300 && n_bumped > 100, "{n_queued} queued, {n_bumped} bumped: too easy");
}

/// A city with its stations in another order and every fourth gone, and a hospital less.
fn changed(files: CityFiles, rng: &mut Pcg64Mcg) -> CityFiles {
    let spots = |file: &NamedFile, table: &str| -> Vec<[String; 2]> {
        rows(file, table).iter().map(|row| [row["x"].clone(), row["y"].clone()]).collect()
    };
    let write = |name: &str, spots: &[[String; 2]]| {
        let line = |(at, [x, y]): (usize, &[String; 2])| format!("{y},{},{x}\n", at + 1);
        let lines: String = spots.iter().enumerate().map(line).collect();
        NamedFile::new(name, format!("{name},{}\ny,index,x\n{lines}", spots.len()).as_bytes())
    };
    let mut stations = spots(&files.stations, "stations");
    for last in (1..stations.len()).rev() {
        stations.swap(last, rng.random_range(0..=last));
    }
    stations.truncate(stations.len() * 3 / 4);
    let mut hospitals = spots(&files.hospitals, "hospitals");
    hospitals.remove(rng.random_range(0..hospitals.len()));
    let n_units = rows(&files.ambulances, "ambulances").len();
    let unit = |at| format!("{at},{}\n", rng.random_range(1..=stations.len()));
    let units: String = (1..=n_units).map(unit).collect();
    let units = format!("ambulances\nindex,stationIndex\n{units}");
    CityFiles {
        stations: write("stations", &stations),
        hospitals: write("hospitals", &hospitals),
        ambulances: NamedFile::new("ambulances", units.as_bytes()),
        ..files
    }
}

fn slow_call(call: &Call) -> SlowCall {
    SlowCall {
        index: call.index,
        rank: usize::from(call.rank) - 1,
        at: call.degrees,
        arrival: call.arrival,
        delay: call.dispatch_delay,
        on_scene: call.on_scene,
        handover: call.handover,
        ..SlowCall::default()
    }
}

fn covers(patterns: &CoverPatterns, busy: f64) -> SlowCover {
    let covered = |pattern: usize| {
        let has = |station: usize| {
            patterns.of_station(station).iter().any(|&own| own as usize == pattern)
        };
        (0..patterns.n_stations()).map(has).collect()
    };
    let demand = patterns.demand().iter().enumerate();
    SlowCover { demand: demand.map(|(at, demand)| (*demand, covered(at))).collect(), busy }
}

/// As `name` is, but changed, with calls of other seeds.
fn check_changed(name: &str, n_calls: usize) {
    let Some(root) = shared() else { return };
    let folder = root.join("cities").join(name);
    let laws = CallLaws::parse(&open(&folder, "gen_config.xml")).unwrap();
    let raster = Raster::read(&open(&folder, "population_raster.csv")).unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    let files = changed(city_files(&folder), &mut rng);
    let city = FleetCity::read(&files).unwrap();
    let slow = SlowCity::read(&files);
    let n_ranks = city.priorities().len();
    let calls = || DrawnCalls::new(&laws, &raster, n_ranks, rng.clone().random()).take(n_calls);
    let slow_calls: Vec<_> = calls().map(|call| slow_call(&call)).collect();
    let wanted = run_slowly(&slow, None, slow_calls.clone());
    compare(name, &answers(&city, Relocation::OwnStation, calls().collect()), &wanted);

    let cover = CoverFiles {
        demand: open(&folder, "demand_1.csv"),
        cover_times: open(&folder, "demand_coverage_1.csv"),
    };
    let patterns = derive_cover_patterns(&city, &cover, &raster, 1.0).unwrap();
    let wanted = run_slowly(&slow, Some(&covers(&patterns, 0.3)), slow_calls);
    let dmexclp = Dmexclp::new(patterns.into(), 0.3, city.n_units()).unwrap();
    compare(name, &answers(&city, Relocation::Dmexclp(dmexclp), calls().collect()), &wanted);
}

#[test]
fn manhattan_changed_is_served_as_a_slow_fleet_serves_it() {
    check_changed("manhattan", 300);
}

#[test]
fn auckland_changed_is_served_as_a_slow_fleet_serves_it() {
    check_changed("auckland", 200);
}

/// Each is asserted by JEMSS as well.
#[test]
fn what_jemss_refuses_is_refused_with_file_line_value_and_remedy() {
    type Pick = fn(&mut CityFiles) -> &mut NamedFile;
    let arcs: Pick = |files| &mut files.arcs;
    let travel: Pick = |files| &mut files.travel;
    let priorities: Pick = |files| &mut files.priorities;
    let stations: Pick = |files| &mut files.stations;
    let redispatch: Pick = |files| files.redispatch.as_mut().unwrap();
    for (pick, from, to, told) in [
        (arcs, "2,2,3,", "2,2,2,", "arcs line 8: toNode \"2\" is not another node than fromNode"),
        (arcs, "3,3,4,", "7,3,4,", "arcs line 9: index \"7\" is not 3, the next"),
        (arcs, "arcs,\n", "arcs,9\n", "arcs line 5: 5 rows, but 9 stands beside the name"),
        (arcs, "3,3,4,", ",3,4,", "arcs line 9: the first cell is empty, but rows follow"),
        (
            arcs,
            "fromNode,toNode",
            "fromNode,fromNode",
            "arcs line 6: column \"fromNode\" stands twice",
        ),
        (
            travel,
            "2,50\n",
            "2,50\n3,50\n",
            "travel line 5: travelModeIndex \"3\" is not one of the 2",
        ),
        (travel, "1,low,2", "1,high,2", "travel line 9: priority \"high\" is not new"),
        (
            priorities,
            "low,0.08",
            "low,0",
            "priorities line 4: targetResponseTime \"0\" is not a number",
        ),
        (stations, "2,4,0", "2,4,", "stations line 4: y \"\" is not a number"),
        (redispatch, "low,high,1\n", "low,low,1\n", "redispatch line 7: toCallPriority \"low\""),
        (
            redispatch,
            "low,high,1\n",
            "low,high,1\nhigh,low,true\n",
            "redispatch line 8: toCallPriority \"low\" is not free of a way back",
        ),
        (
            redispatch,
            "high,1\n",
            "high,1\nlow,high,0\n",
            "redispatch line 8: toCallPriority \"high\"",
        ),
        (
            redispatch,
            "high,1\n",
            "high,yes\n",
            "redispatch line 7: allowRedispatch \"yes\" is not 1, 0,",
        ),
    ] {
        let mut files = street_files(&[1], true);
        let file = pick(&mut files);
        assert!(file.text.contains(from), "{from} of {}", file.text);
        file.text = file.text.replacen(from, to, 1);
        let error = FleetCity::read(&files).unwrap_err().to_string();
        assert!(error.starts_with(told), "{error}");
    }
}

#[test]
fn a_call_s_hospital_may_be_decided_and_must_exist() {
    let city = FleetCity::read(&street_files(&[1], true)).unwrap();
    let head = "index,priority,x,y,arrivalTime,dispatchDelay,onSceneDuration,transfer,\
        transferDuration,hospitalIndex\n";
    let read = |row: &str| {
        let file = NamedFile::new("calls", format!("{head}{row}\n").as_bytes());
        read_calls(&file, &city).map(|calls| calls[0].hospital)
    };
    assert_eq!(read("1,1,0,0,0.1,0,0.01,TRUE,0.01,2"), Ok(Some(1)));
    assert_eq!(read("1,1,0,0,0.1,0,0.01,true,0.01,-1"), Ok(None));
    assert_eq!(read("1,1,0,0,0.1,0,0.01,False,0.01,2"), Ok(None));
    let error = read("1,1,0,0,0.1,0,0.01,1,0.01,3").unwrap_err().to_string();
    let told = "calls line 2: hospitalIndex \"3\" is not a whole number from 1 to 2: correct it";
    assert_eq!(error, told);
}
