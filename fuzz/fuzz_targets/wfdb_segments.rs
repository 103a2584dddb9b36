#![no_main]
//! A record of segments is laid together with complaints, or refused. Zero bytes end its header and
//! that of every segment; the rest is every signal file.
use ems_device::Recording;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |byte| *byte == 0);
    let mut next = || parts.next().unwrap_or_default();
    let (header, segment, data) = (next(), next(), next());
    let mut files = |name: &str| Some(if name.ends_with(".hea") { segment } else { data }.to_vec());
    // Few frames, or each run would fill its gaps for a second.
    if let Ok((recording, _)) = Recording::read(header, 3..4000, &mut files) {
        for signal in &recording.signals {
            assert_eq!(signal.physical().len(), signal.len());
        }
    }
});
