//! The traces at hand, where they are.

use std::path::PathBuf;

use ems_model::Micros;
use ems_netem::Drive;

#[test]
fn three_modems_along_one_drive() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/network/cork_uplink_3modems.csv");
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let drives = Drive::parse(&bytes).unwrap();
    let [drive] = drives.as_slice() else { panic!("{} drives", drives.len()) };
    let names: Vec<_> = drive.networks.iter().map(|network| network.name.as_str()).collect();
    assert_eq!(names, ["nr5g_up", "lte_up", "umts_up"]);
    assert_eq!(drive.row, Micros::from_millis(3000));
    assert_eq!(drive.length, Micros::from_millis(1_279_000));
    assert_eq!(drive.networks[1].rate_bps.at(Micros::from_millis(3500)), 20_429_000);
}
