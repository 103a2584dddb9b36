//! What monitors send.

use ems_model::{Command, Millis, UnitId, UnitStep};
use ems_sim::{CityPlan, Settings};

use crate::simulate::{GRID, START, listed};
use crate::town::Town;

const CITY: &str = include_str!("../../../../data/sim/city.toml");

fn plan(piece_ms: u32) -> CityPlan {
    let line = "ecg_piece_ms = 100";
    assert!(CITY.contains(line));
    let text = CITY.replace(line, &format!("ecg_piece_ms = {piece_ms}"));
    let settings = Settings::parse(&text).unwrap();
    CityPlan { n_units: 6, calls: listed(), settings, ..CityPlan::new(5, START) }
}

fn town_with_waves(piece_ms: u32, n_pieces: usize) -> Town {
    let mut town = Town::new(plan(piece_ms), &GRID);
    town.live(START + Millis::from_mins(60), |town| town.waves.len() == n_pieces);
    assert_eq!(town.waves.len(), n_pieces);
    town
}

#[test]
fn waves_come_in_pieces_of_ecg_piece_ms() {
    for piece_ms in [40, 100, 200, 500, 1000] {
        let town = town_with_waves(piece_ms, 25);
        let piece = Millis::new(piece_ms.into());
        let unit = &town.waves[0].unit;
        let mut at = town.waves[0].piece.at;
        for heard in town.waves.iter().filter(|heard| heard.unit == *unit) {
            let n_samples = u32::try_from(heard.piece.microvolts.len()).unwrap();
            assert_eq!(n_samples * 1000, heard.piece.hz * piece_ms, "{piece_ms} ms");
            assert_eq!(heard.piece.at, at, "no gap and no overlap");
            assert_eq!(heard.at, at + piece, "given when it was measured");
            at = at + piece;
        }
    }
}

#[test]
fn a_patient_who_changes_units_within_a_second_brings_no_wave_along() {
    let mut town = town_with_waves(100, 13);
    let first = town.waves[12].unit.clone();
    let second = hand_over(&mut town, &first);
    let handed_over_at = town.now;
    town.waves.clear();
    let is_measured = |town: &Town| town.waves.iter().any(|heard| heard.unit == second);
    town.live(handed_over_at + Millis::from_mins(5), is_measured);
    let heard = town.waves.iter().find(|heard| heard.unit == second);
    let heard = heard.expect("the second unit's monitor was connected");
    assert!(heard.piece.at > handed_over_at, "{:?}", heard.piece.at);
    assert_eq!(heard.at, heard.piece.at + Millis::new(100));
    assert!(town.waves.iter().all(|heard| heard.unit != first), "the first has let go");
}

/// Another unit takes the patient over at once.
fn hand_over(town: &mut Town, first: &UnitId) -> UnitId {
    use UnitStep as S;
    let (incident, second) = (town.incident_of(first), town.free_unit());
    let (unit, overrule) = (second.clone(), Some("the first must leave".to_owned()));
    town.order(Command::AssignUnit { incident, expected_version: None, unit, overrule });
    let arriving = [S::Acknowledge, S::GoEnRoute, S::ArriveOnScene].map(|step| (&second, step));
    let leaving = [S::HandCareOn, S::ReturnToService].map(|step| (first, step));
    for (unit, step) in arriving.into_iter().chain(leaving).chain([(&second, S::ReachPatient)]) {
        let (unit, at) = (unit.clone(), town.now);
        town.order(Command::StepUnit { unit, incident, step, at });
    }
    second
}
