//! Se, +P and DER on the recordings of `../shared/data`; skipped, and said so, where absent.

use std::fs;
use std::path::{Path, PathBuf};

use ems_device::{Annotation, Header, Recording, decode_annotations};
use ems_signal::{BeatFinder, Score, compare_beats, outside};

pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) hz: u32,
    pub(crate) leads: Vec<Vec<f32>>,
    pub(crate) labels: Vec<Annotation>,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ecg")
}

pub(crate) fn records(folder: &str) -> Vec<Record> {
    let folder = root().join(folder);
    let Ok(folder) = fs::read_dir(&folder) else {
        eprintln!("SKIPPED: {} is absent", folder.display());
        return vec![];
    };
    let files = folder.map(|entry| entry.unwrap().path());
    let mut labelled: Vec<PathBuf> =
        files.filter(|path| path.extension() == Some("atr".as_ref())).collect();
    labelled.sort();
    labelled.iter().map(|path| read(path)).collect()
}

/// A record by any of its files.
pub(crate) fn read(path: &Path) -> Record {
    let header = Header::parse(&fs::read(path.with_extension("hea")).unwrap()).unwrap();
    let mut names: Vec<&str> = header.signals.iter().map(|signal| &*signal.file).collect();
    names.dedup();
    let bytes = names.iter().map(|name| fs::read(path.with_file_name(name)).unwrap());
    let bytes: Vec<Vec<u8>> = bytes.collect();
    let files: Vec<(&str, &[u8])> =
        names.into_iter().zip(bytes.iter().map(Vec::as_slice)).collect();
    let (recording, _) = Recording::decode(&header, &files).unwrap();
    let leads = recording.signals.iter().map(|signal| signal.microvolts().unwrap()).collect();
    let (labels, _) = decode_annotations(&fs::read(path.with_extension("atr")).unwrap_or_default());
    Record { name: recording.name, hz: recording.hz as u32, leads, labels }
}

/// All beats, and the episodes of ventricular flutter (`[` to `]`), which EC57 leaves out.
pub(crate) fn truth(record: &Record) -> (Vec<i64>, Vec<(i64, i64)>) {
    let marks = |symbol| {
        let marks = record.labels.iter().filter(move |label| label.symbol() == symbol);
        marks.map(|label| label.sample)
    };
    let beats = record.labels.iter().filter(|label| label.is_beat()).map(|label| label.sample);
    (beats.collect(), marks("[").zip(marks("]")).collect())
}

/// The score of one lead, and the longest wait for a beat after the first 2 s, in milliseconds.
pub(crate) fn measure(record: &Record, lead: usize, from_secs: i64) -> (Score, u64) {
    let from = from_secs * i64::from(record.hz);
    let (truth, flutter) = truth(record);
    let mut finder = BeatFinder::new(record.hz).unwrap();
    let mut found = vec![];
    for &sample in &record.leads[lead] {
        finder.push(sample);
        found.extend(std::iter::from_fn(|| finder.poll_output()));
    }
    finder.finish();
    found.extend(std::iter::from_fn(|| finder.poll_output()));
    let late = found.iter().filter(|beat| beat.found_at > 2 * u64::from(record.hz));
    let wait = late.map(|beat| (beat.found_at - beat.sample) * 1000 / u64::from(record.hz));
    let wait = wait.max().unwrap_or(0);
    assert!(wait <= 400, "{wait} ms in {}", record.name);
    let found: Vec<_> = found.iter().map(|beat| beat.sample as i64).collect();
    let [truth, found] = [truth, found].map(|beats| outside(&beats, from, &flutter));
    (compare_beats(&truth, &found, i64::from(record.hz) * 150 / 1000), wait)
}

/// Prints a table and gives the sum over the records.
pub(crate) fn table(title: &str, records: &[Record], from_secs: i64) -> Score {
    let mut sum = Score::default();
    eprintln!("{title}, first lead, 150 ms, from {from_secs} s");
    for record in records {
        let (score, wait) = measure(record, 0, from_secs);
        print(&record.name, score, &format!("found within {wait} ms"));
        sum += score;
    }
    print("all", sum, "");
    sum
}

fn print(name: &str, score: Score, note: &str) {
    let Score { n_right, n_missed, n_false, .. } = score;
    let (se, pp, der) = (score.se(), score.pp(), score.der());
    eprintln!(
        "{name:>12}  right {n_right:6}  missed {n_missed:4}  false {n_false:4}  \
         Se {se:6.2} %  +P {pp:6.2} %  DER {der:5.2} %  {note}"
    );
}

#[test]
fn fewer_than_one_beat_in_three_hundred_is_wrong_on_mit_bih() {
    let records = records("mitdb");
    let is_paced = |record: &Record| ["102", "104", "107", "217"].contains(&&*record.name);
    let (paced, ds1): (Vec<_>, Vec<_>) = records.into_iter().partition(is_paced);
    let score = table("MIT-BIH DS1", &ds1, 300);
    assert!(score.der() < 0.3, "{score:?}");
    assert!(table("MIT-BIH paced", &paced, 300).der() < 0.3);
}

#[test]
fn atrial_fibrillation_hides_few_beats() {
    assert!(table("CPSC2021", &records("afib"), 0).der() < 2.5);
}

#[test]
fn noise_costs_beats_and_the_table_says_how_many() {
    let score = table("MIT-BIH 118 and 119 with noise", &records("noise"), 300);
    assert!(score.se() > 90.0 || score.n_right == 0, "{score:?}");
}
