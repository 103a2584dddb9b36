#![no_main]
//! A file of a fleet's city, its calls or its cover takes the place of a sound one (the first byte
//! says which) and is read or refused; a fleet drives through what was read.
use ems_dispatch::{Dispatch, Relocation};
use ems_fuzz::{STREET, street};
use ems_sim::{
    CallLaws, CityFiles, CoverFiles, FleetCity, FleetPolicy, NamedFile, Raster, Sending, SimConfig,
    derive_cover_patterns, read_calls, read_cover_patterns, run_fleet,
};
use libfuzzer_sys::fuzz_target;

const N_CALLS_MAX: usize = 100;

fuzz_target!(|bytes: &[u8]| {
    let Some((&which, bytes)) = bytes.split_first() else { return };
    let file = NamedFile::new("own", bytes);
    let mut files = street();
    let own = usize::from(which % 16);
    if let Some(place) = file_of(&mut files, own) {
        *place = file.clone();
    }
    let city = match FleetCity::read(&files) {
        Ok(city) => city,
        Err(error) => return short(&error),
    };
    match own {
        9 => drop(read_cover_patterns(&file, city.n_stations()).map_err(|error| short(&error))),
        10 => drop(CallLaws::parse(&file).map_err(|error| short(&error))),
        11 => drop(SimConfig::parse(&file).map_err(|error| short(&error))),
        12 => drop(Raster::read(&file).map_err(|error| short(&error))),
        13 | 14 => cover(&city, own == 13, file),
        _ => drive(&city, if own == 15 { file } else { calls() }),
    }
});

fn short(error: &dyn std::fmt::Display) {
    assert!(error.to_string().len() < 2000, "{error}");
}

fn file_of(files: &mut CityFiles, own: usize) -> Option<&mut NamedFile> {
    Some(match own {
        0 => &mut files.arcs,
        1 => &mut files.nodes,
        2 => &mut files.stations,
        3 => &mut files.hospitals,
        4 => &mut files.ambulances,
        5 => &mut files.priorities,
        6 => &mut files.travel,
        7 => &mut files.map,
        8 => files.redispatch.as_mut()?,
        _ => return None,
    })
}

fn calls() -> NamedFile {
    NamedFile::new("calls", STREET.calls.as_bytes())
}

fn cover(city: &FleetCity, is_demand: bool, file: NamedFile) {
    let [demand, cover_times] =
        [STREET.demand, STREET.cover_times].map(|text| NamedFile::new("sound", text.as_bytes()));
    let files = if is_demand {
        CoverFiles { demand: file, cover_times }
    } else {
        CoverFiles { demand, cover_times: file }
    };
    let raster = NamedFile::new("raster", STREET.raster.as_bytes());
    let raster = Raster::read(&raster).expect("a seed is sound");
    drop(derive_cover_patterns(city, &files, &raster, 1.0).map_err(|error| short(&error)));
}

fn drive(city: &FleetCity, calls: NamedFile) {
    let mut calls = match read_calls(&calls, city) {
        Ok(calls) => calls,
        Err(error) => return short(&error),
    };
    calls.truncate(N_CALLS_MAX);
    calls.sort_by(|a, b| a.arrival.total_cmp(&b.arrival));
    let policy = FleetPolicy {
        dispatch: Sending::Rule(Dispatch::ClosestUnit),
        relocation: Relocation::OwnStation,
        exchange: None,
        move_pause_min: 0.0,
    };
    run_fleet(city, policy, calls, &mut |answer| {
        assert!(answer.response >= 0.0, "{answer:?}");
    });
}
