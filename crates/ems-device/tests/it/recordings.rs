//! Real recordings, from `../shared/data`; skipped, and said so, where they are absent.

use std::fs;
use std::path::{Path, PathBuf};

use ems_device::{Complaint, Header, Recording, decode_annotations};

pub(crate) fn data(folder: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ecg/");
    let path = PathBuf::from(format!("{root}{folder}"));
    if !path.is_dir() {
        eprintln!("SKIPPED: {} is absent", path.display());
    }
    path.is_dir().then_some(path)
}

fn headers(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut headers: Vec<_> =
        files.filter(|path| path.extension() == Some("hea".as_ref())).collect();
    headers.sort();
    headers
}

fn read(path: &Path) -> (Recording, Vec<Complaint>) {
    let header = Header::parse(&fs::read(path).unwrap()).unwrap();
    let names: std::collections::BTreeSet<_> =
        header.signals.iter().map(|spec| spec.file.as_str()).collect();
    let bytes = |name: &str| fs::read(path.with_file_name(name)).unwrap();
    let files: Vec<_> = names.into_iter().map(|name| (name, bytes(name))).collect();
    let files: Vec<_> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    Recording::decode(&header, &files).unwrap()
}

/// Records that complain: noise at 0 dB reaches 2048, which 12 bits store as -2048.
const COMPLAINERS: &[&str] = &["118e00", "119e00"];

#[test]
fn every_record_decodes_to_its_header_s_checksums() {
    for folder in ["mitdb", "afib", "twelve_lead", "multi", "noise"] {
        let Some(folder) = data(folder) else { return };
        for path in headers(&folder) {
            let (recording, complaints) = read(&path);
            assert!(recording.signals.iter().all(|signal| !signal.is_empty()));
            let name = path.file_stem().unwrap().to_str().unwrap();
            let is_excused = COMPLAINERS.contains(&name);
            assert!(complaints.is_empty() != is_excused, "{name}: {complaints:?}");
        }
    }
}

#[test]
fn a_file_of_each_storage_format_decodes_to_its_checksum() {
    let Some(folder) = data("formats") else { return };
    let (recording, complaints) = read(&folder.join("binformats.hea"));
    assert_eq!(complaints, []);
    assert_eq!(recording.signals.len(), 10);
    let (recording, complaints) = read(&folder.join("flacformats.hea"));
    assert_eq!(complaints, []);
    let lengths: Vec<_> = recording.signals.iter().map(ems_device::Signal::len).collect();
    assert_eq!(lengths, [499; 3]);
}

#[test]
fn the_first_samples_of_a_record_are_its_header_s_initial_values() {
    let Some(folder) = data("mitdb") else { return };
    let (recording, _) = read(&folder.join("101.hea"));
    let first: Vec<_> =
        recording.signals.iter().map(|signal| signal.adc().next().unwrap()).collect();
    assert_eq!(first, [Some(955), Some(992)]);
    assert_eq!(recording.signals[0].len(), 650_000);
    let microvolts = recording.signals[0].microvolts().unwrap()[0];
    assert!((microvolts - (955.0 - 1024.0) / 200.0 * 1000.0).abs() < 0.01, "{microvolts}");
}

#[test]
fn annotations_of_a_record_are_all_read() {
    let Some(folder) = data("mitdb") else { return };
    let (labels, complaints) = decode_annotations(&fs::read(folder.join("101.atr")).unwrap());
    assert_eq!(complaints, []);
    let n_beats = labels.iter().filter(|label| label.is_beat()).count();
    assert_eq!(n_beats, 1865, "PhysioNet's table of record 101");
    assert_eq!(labels[0].aux, "(N");
    assert!(labels.windows(2).all(|pair| pair[0].sample <= pair[1].sample));
}

#[test]
fn annotations_of_every_record_are_written_as_they_were_read() {
    for folder in ["mitdb", "afib"] {
        let Some(folder) = data(folder) else { return };
        for path in headers(&folder) {
            let bytes = fs::read(path.with_extension("atr")).unwrap();
            let (labels, complaints) = decode_annotations(&bytes);
            assert_eq!(complaints, []);
            let again = ems_device::encode_annotations(&labels).unwrap();
            assert_eq!(decode_annotations(&again), (labels, vec![]), "{}", path.display());
            assert!(again.len() <= bytes.len(), "{}", path.display());
        }
    }
}

fn read_segmented(path: &Path, frames: std::ops::Range<u64>) -> (Recording, Vec<Complaint>) {
    let mut files = |name: &str| fs::read(path.with_file_name(name)).ok();
    Recording::read(&fs::read(path).unwrap(), frames, &mut files).unwrap()
}

#[test]
fn records_of_segments_are_laid_together() {
    let Some(folder) = data("multi/multi-segment") else { return };
    let (fixed, complaints) = read_segmented(&folder.join("fixed1/v102s.hea"), 0..u64::MAX);
    assert_eq!(complaints, []);
    let (one, _) = read_segmented(&folder.join("fixed1/v102s_1.hea"), 0..u64::MAX);
    let all: Vec<_> = fixed.signals[0].adc().collect();
    let third: Vec<_> = one.signals[0].adc().collect();
    assert_eq!(all, [&third[..]; 3].concat());

    let (mixed, complaints) = read_segmented(&folder.join("041s/041s.hea"), 0..u64::MAX);
    assert_eq!(complaints, []);
    let lengths: Vec<_> = mixed.signals.iter().map(ems_device::Signal::len).collect();
    assert_eq!(lengths, [8000, 8000, 8000, 2000, 2000, 2000, 2000]);

    let path = folder.join("p000878/p000878-2137-10-26-16-57.hea");
    let (gapped, complaints) = read_segmented(&path, 0..7500);
    assert_eq!(complaints, []);
    let n_known = |idx: usize| gapped.signals[idx].adc().flatten().count();
    assert!(n_known(0) > 3000 && n_known(1) <= 1750 && n_known(2) == 0);
    assert!(gapped.signals[0].adc().take(3750).all(|adc| adc.is_none()), "a gap comes first");
    let (_, complaints) = read_segmented(&path, 7499..7501);
    assert!(
        matches!(&complaints[..], [Complaint::Segment { segment, .. }] if segment == "3269321_0003")
    );
}
