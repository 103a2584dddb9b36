#![no_main]
//! A driving profile is read or refused; one that was read can import the town.
use ems_roads::{ImportRequest, Overlay, Profile, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(profile) = Profile::parse(text) {
        let request = ImportRequest { name: "Town".into(), profile, overlay: Overlay::default() };
        let _ = import(&include_bytes!("../seeds/extract/town")[..], &request, &mut |_| ());
    }
});
