#![no_main]
//! A recording whose header and samples are both hostile is decoded or refused. The first zero
//! byte ends the header.
use ems_device::{Header, Recording};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (text, data) = bytes.split_at(end);
    let data = data.strip_prefix(&[0]).unwrap_or_default();
    let Ok(header) = Header::parse(text) else { return };
    let names: Vec<_> = header.signals.iter().map(|signal| signal.file.clone()).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), data)).collect();
    if let Ok((recording, _)) = Recording::decode(&header, &files) {
        for signal in &recording.signals {
            assert_eq!(signal.physical().len(), signal.len());
        }
    }
});
