//! A decision among 1,000 units and 50 hospitals on Malta's roads: drives of all units to the call
//! and from it to all hospitals, the pick, and the nearest hospital; then the same with a look
//! ahead. CPU time of each decision.

use std::fs::File;

use anyhow::Context;
use cpu_time::ThreadTime;
use ems_dispatch::{Board, Candidate, Dispatch, Piece, Rollout, Trial};
use ems_model::Millis;
use ems_roads::{ImportRequest, Overlay, Profile, Roads, Snap, import};

const N_UNITS: usize = 1000;
const N_HOSPITALS: usize = 50;
const N_PLACES: usize = 500;
const TARGET_MIN: f64 = 8.0;
/// From a unit's arrival to when it is free, minutes.
const SERVICE_MIN: f64 = 40.0;
/// Calls that keep half of the units busy.
const CALLS_A_MINUTE: f64 = 0.5 * N_UNITS as f64 / SERVICE_MIN;

pub(crate) fn measure() -> anyhow::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/malta/malta.osm.pbf");
    let request = ImportRequest {
        name: "Malta".into(),
        profile: Profile::blue_light(),
        overlay: Overlay::default(),
    };
    let roads = import(File::open(path).context(path)?, &request, &mut |_| {})?.roads;
    roads.warm_up();
    let town = Town::new(&roads)?;
    println!("decision: {N_UNITS} units, {N_HOSPITALS} hospitals, Malta");
    tell("without look-ahead", (0..2000).map(|at| timed(|| town.decide(at, None))).collect());
    let ahead = Rollout::default();
    tell("with rollout", (0..1000).map(|at| timed(|| town.decide(at, Some(&ahead)))).collect());
    Ok(())
}

struct Town<'a> {
    roads: &'a Roads,
    units: Vec<Snap>,
    pieces: Vec<Piece>,
    hospitals: Vec<Snap>,
    places: Vec<Snap>,
    board: Board,
}

impl<'a> Town<'a> {
    fn new(roads: &'a Roads) -> anyhow::Result<Self> {
        let some = |n: usize, seed: usize| -> Vec<Snap> {
            (0..n).map(|at| roads.somewhere(scattered(at + seed))).collect()
        };
        let places = some(N_PLACES, 0);
        let far = f64::from(u16::MAX);
        let minutes = |time: &Option<Millis>| time.map_or(far, |t| t.as_secs_f64() / 60.0) as f32;
        let drives = roads.matrix(&places, &places).concat().iter().map(minutes).collect();
        let per_minute = vec![CALLS_A_MINUTE / N_PLACES as f64; N_PLACES];
        let board = Board::new(per_minute, drives, vec![(1.0, TARGET_MIN)], SERVICE_MIN)?;
        // Every other unit is busy for some time; each stands at a place of the board.
        let piece = |at: usize| {
            let place = at * 7 % N_PLACES;
            Piece { place, free_in: (at % 2 * (at % 40)) as f64, home: place }
        };
        let pieces: Vec<Piece> = (0..N_UNITS).map(piece).collect();
        let units = pieces.iter().map(|piece| places[piece.place]).collect();
        Ok(Self { roads, units, pieces, hospitals: some(N_HOSPITALS, 7000), places, board })
    }

    /// The unit and the hospital.
    fn decide(&self, at: usize, ahead: Option<&Rollout>) -> (Option<usize>, Option<usize>) {
        let place = at * 13 % N_PLACES;
        let call = self.places[place];
        let minutes = |time: Option<Millis>| time.map(|time| time.as_secs_f64() / 60.0);
        let drives = self.roads.times_to(&self.units, &call).into_iter().map(minutes);
        let free = drives.enumerate().filter(|(unit, _)| self.pieces[*unit].free_in == 0.0);
        let candidates = free.filter_map(|(unit, time)| {
            let time = time?;
            Some(Candidate { unit, time, is_in_time: time <= TARGET_MIN, cover_lost: 0.0 })
        });
        let unit = match ahead {
            None => Dispatch::ClosestUnit.pick(candidates).map(|picked| picked.unit),
            Some(ahead) => {
                let mut sorted: Vec<_> = candidates.collect();
                sorted.sort_by(|a, b| a.time.total_cmp(&b.time));
                let trial = |c: &Candidate<usize, f64>| Trial {
                    piece: c.unit,
                    arrives_in: c.time,
                    cost: f64::from(u8::from(!c.is_in_time)),
                };
                let trials: Vec<Trial> = sorted.iter().map(trial).collect();
                let played = ahead.play(&self.board, &self.pieces, place, &trials, at as u64);
                Rollout::choose(&played).map(|outcome| outcome.piece)
            }
        };
        let to_hospitals = self.roads.times_from(&call, &self.hospitals);
        let nearest =
            to_hospitals.iter().enumerate().filter_map(|(at, time)| Some((*time.as_ref()?, at)));
        (unit, nearest.min().map(|(_, hospital)| hospital))
    }
}

/// A number from 0 to 1: the golden ratio's multiples lie evenly.
fn scattered(at: usize) -> f64 {
    (at as f64 * 0.618_033_988_749_895).fract()
}

fn timed(decide: impl FnOnce() -> (Option<usize>, Option<usize>)) -> f64 {
    let start = ThreadTime::now();
    std::hint::black_box(decide());
    start.elapsed().as_secs_f64() * 1e3
}

fn tell(name: &str, mut millis: Vec<f64>) {
    millis.sort_by(f64::total_cmp);
    let at = |share: f64| millis[((millis.len() - 1) as f64 * share) as usize];
    println!("  {name:<20} p50 {:.3} ms, p99 {:.3} ms", at(0.5), at(0.99));
}
