//! Whole answers on the roads of a city, turns included: snapped, drawn, told. Peers are asked in
//! `services.rs`.
//! Beside each stands what was compared, before its time was taken.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use crate::live;
use anyhow::ensure;
use cpu_time::ThreadTime;
use ems_model::{Millis, Timestamp};
use ems_roads::{
    ImportRequest, Isochrones, MovingSet, Overlay, Profile, Roads, Snap, Traffic, TrafficFile,
    import,
};

const N_CALLS: usize = 1000;
const N_FILES: usize = 50;
const NOW: Timestamp = Timestamp::from_micros(0);
const N_UNITS: usize = 1000;
const N_HOSPITALS: usize = 100;

/// Prints a row for each kind of answer: median and 99th percentile of the CPU time of a call.
pub(crate) fn print(extract: &Path) -> anyhow::Result<()> {
    let roads = roads(extract)?;
    let somewhere = |share| roads.somewhere(share);
    let some: Vec<Snap> = shares().map(somewhere).take(2 * N_CALLS + N_UNITS).collect();
    let (calls, units) = some.split_at(2 * N_CALLS);
    let pair = |i: usize| [calls[i], calls[N_CALLS + i]];
    row("two snaps, way, steps and line", |i| {
        let ends = pair(i).map(|end| roads.snap(end.position()));
        let [Ok(from), Ok(to)] = ends else { return };
        black_box(roads.directions(&[from, to]));
    });
    row("alternatives, up to 2", |i| {
        black_box(roads.alternatives(&pair(i)[0], &pair(i)[1], 2));
    });
    nearest_rows(&roads, calls, units)?;
    let mut isochrones = Isochrones::of(&roads);
    let limits = [8, 15].map(Millis::from_mins);
    row("isochrones of 8 and 15 min", |i| {
        black_box(isochrones.around(&roads, &calls[i], &limits));
    });
    traffic_rows(&roads, calls, units)?;
    live::junction_row(&roads, calls, units)?;
    live::live_row(&roads, &calls[..N_CALLS], units)
}

fn traffic_rows(roads: &Roads, calls: &[Snap], units: &[Snap]) -> anyhow::Result<()> {
    for (name, n_arcs) in [
        ("100 arcs of traffic to first answer", 100),
        ("1,000 arcs of traffic to first answer", 1000),
        ("all arcs of traffic to first answer", usize::MAX),
    ] {
        let text = traffic(roads, n_arcs);
        let (under, time) = first_answer(roads, &text, &calls[0], &units[0])?;
        let plain = under.times_from_plainly(&calls[0], &units[..1])[0];
        ensure!(time == plain, "{name}: {time:?} differs from Dijkstra's {plain:?}");
        row_of(N_FILES, name, |i| {
            let _ = black_box(first_answer(roads, &text, &calls[i], &units[i]));
        });
    }
    let (_, lent) = live::on_two_cores(roads);
    let text = traffic(roads, usize::MAX);
    wall_row(N_FILES, "the same on two cores, wall clock", |i| {
        let _ = black_box(first_answer(&lent, &text, &calls[i], &units[i]));
    });
    Ok(())
}

/// Traffic read, merged, laid over the roads and asked for a time.
fn first_answer(
    roads: &Roads,
    text: &str,
    from: &Snap,
    to: &Snap,
) -> anyhow::Result<(Roads, Option<Millis>)> {
    let read = TrafficFile::parse(text.as_bytes(), roads, NOW)?.traffic;
    let traffic = Traffic::default().with(&read, NOW);
    let under = roads.under(&traffic, NOW);
    let time = under.time(from, to);
    Ok((under, time))
}

/// A file that gives so many directions of edges a speed, spread over the city; all if fewer are
/// there.
pub(crate) fn traffic(roads: &Roads, n_arcs: usize) -> String {
    let directions = (0..).zip(roads.edges()).flat_map(|(edge, stretch): (u32, _)| {
        let sides = stretch.millis.into_iter().zip(["forward", "backward"]);
        sides.filter_map(move |(millis, side)| millis.map(|_| (edge, side)))
    });
    let all: Vec<(u32, &str)> = directions.collect();
    let mut text = String::from("edge,direction,speed_kmh,until\n");
    let spread = all.iter().step_by((all.len() / n_arcs).max(1)).take(n_arcs);
    for ((edge, side), share) in spread.zip(shares()) {
        let kmh = 5.0 + 85.0 * share;
        text += &format!("{edge},{side},{kmh:.1},1970-01-01T00:30:00Z\n");
    }
    text
}

fn nearest_rows(roads: &Roads, calls: &[Snap], units: &[Snap]) -> anyhow::Result<()> {
    let mut hospitals = MovingSet::of_targets(roads);
    let mut fleet = MovingSet::of_sources(roads);
    for (idx, &unit) in units.iter().enumerate() {
        fleet.put(idx, unit);
        if idx < N_HOSPITALS {
            hospitals.put(idx, unit);
        }
    }
    for call in &calls[..10] {
        let mut plain = roads.times_from_plainly(call, &units[..N_HOSPITALS]);
        plain.sort();
        let near: Vec<_> = hospitals.nearest(call, 5).iter().map(|n| Some(n.duration)).collect();
        let reached: Vec<_> = plain.into_iter().filter(Option::is_some).take(5).collect();
        ensure!(near == reached, "5 nearest differ from Dijkstra's");
    }
    row("5 nearest of 100 hospitals", |i| {
        black_box(hospitals.nearest(&calls[i], 5));
    });
    row("10 nearest of 1,000 units, with lines", |i| {
        for near in fleet.nearest(&calls[i], 10) {
            black_box(roads.route(&units[near.idx], &calls[i]));
        }
    });
    row("a unit moved, snapped", |i| {
        if let Ok(snap) = roads.snap(calls[i].position()) {
            fleet.put(i, snap);
        }
    });
    Ok(())
}

fn roads(extract: &Path) -> anyhow::Result<Roads> {
    let request = ImportRequest {
        name: "City".into(),
        profile: Profile::blue_light(),
        overlay: Overlay::default(),
    };
    Ok(import(std::fs::File::open(extract)?, &request, &mut |_| {})?.roads)
}

fn row(name: &str, act: impl FnMut(usize)) {
    row_of(N_CALLS, name, act);
}

pub(crate) fn row_of(n: usize, name: &str, mut act: impl FnMut(usize)) {
    let mut micros: Vec<f64> = Vec::with_capacity(n);
    for i in 0..n {
        let start = ThreadTime::now();
        act(i);
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    print_row(name, micros);
}

/// As [`row_of`], but by the clock on the wall: of what several threads do at once.
pub(crate) fn wall_row(n: usize, name: &str, mut act: impl FnMut(usize)) {
    let timed = |i| {
        let start = Instant::now();
        act(i);
        start.elapsed().as_secs_f64() * 1e6
    };
    print_row(name, (0..n).map(timed).collect());
}

/// The median and 99th percentile of some calls, which must not be none.
pub(crate) fn print_row(name: &str, mut micros: Vec<f64>) {
    micros.sort_by(f64::total_cmp);
    let (median, p99) = (micros[micros.len() / 2], micros[micros.len() * 99 / 100]);
    println!("{name:<46} median {median:>9.1} us, p99 {p99:>9.1} us");
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
pub(crate) fn shares() -> impl Iterator<Item = f64> {
    (1u64..).map(|i| {
        let mut z = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 32) as f64 / f64::from(u32::MAX)
    })
}
