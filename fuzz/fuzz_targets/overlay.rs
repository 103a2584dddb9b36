#![no_main]
//! An overlay is read or refused; one that was read can be laid over the town.
use ems_roads::{ImportRequest, Overlay, Profile, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(overlay) = Overlay::parse(text) {
        let request =
            ImportRequest { name: "Town".into(), profile: Profile::blue_light(), overlay };
        let _ = import(&include_bytes!("../seeds/extract/town")[..], &request, &mut |_| ());
    }
});
