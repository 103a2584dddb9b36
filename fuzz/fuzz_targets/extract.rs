#![no_main]
//! An OpenStreetMap extract becomes a city or an error.
use ems_roads::{ImportRequest, Overlay, Profile, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (profile, overlay) = (Profile::blue_light(), Overlay::default());
    let request = ImportRequest { name: "fuzz".into(), profile, overlay };
    let _ = import(bytes, &request, &mut |_| ());
});
