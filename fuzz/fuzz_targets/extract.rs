#![no_main]
//! An OpenStreetMap extract becomes a city or an error.
use ems_roads::{ImportRequest, Overlay, Profile, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: let_the_reader_panic(), |bytes: &[u8]| {
    let (profile, overlay) = (Profile::blue_light(), Overlay::default());
    let request = ImportRequest { name: "fuzz".into(), profile, overlay };
    let _ = import(bytes, &request, &mut |_| ());
});

/// The import takes a panic of the PBF reader for damage; every other panic is a finding.
fn let_the_reader_panic() {
    let find = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let file = panic.location().map_or("", |it| it.file());
        if !["/osmpbf-", "/protobuf-"].iter().any(|part| file.contains(part)) {
            find(panic);
        }
    }));
}
