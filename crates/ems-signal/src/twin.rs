//! The cleaner's stages by their definition: one lead, in double precision, sample by sample.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "delays of a few samples"
)]

use std::f64::consts::TAU;

use crate::biquad::Biquad;
use crate::rate::Rate;

/// A [`Biquad`] at work, transposed direct form II.
#[derive(Debug, Clone)]
pub(crate) struct PlainSection {
    forward: [f64; 3],
    back: [f64; 2],
    memory: [f64; 2],
}

impl PlainSection {
    pub(crate) fn new(design: &Biquad) -> Self {
        let (forward, back) = design.weights();
        Self { forward, back, memory: [0.0; 2] }
    }

    pub(crate) fn push(&mut self, sample: f64) -> f64 {
        let out = self.forward[0] * sample + self.memory[0];
        self.memory[0] = self.forward[1] * sample - self.back[0] * out + self.memory[1];
        self.memory[1] = self.forward[2] * sample - self.back[1] * out;
        out
    }
}

fn filtered(design: &Biquad, line: &[f64]) -> Vec<f64> {
    let mut section = PlainSection::new(design);
    line.iter().map(|&sample| section.push(sample)).collect()
}

/// What `before` samples before `at` was; zero before the first.
fn earlier(line: &[f64], at: usize, before: usize) -> f64 {
    at.checked_sub(before).map_or(0.0, |at| line[at])
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn without_spikes(rate: Rate, line: &[f64]) -> Vec<f64> {
    let reach = rate.len(6);
    let clean = |at: usize| {
        let window: Vec<f64> = (0..=4 * reach).map(|it| earlier(line, at, it)).collect();
        let [last, next, middle, near, far] = [0, 1, 2, 3, 4].map(|it| window[it * reach]);
        let height = (middle - f64::midpoint(near, next)).abs();
        let centre = median(window.clone());
        let spread = median(window.iter().map(|it| (it - centre).abs()).collect());
        let is_still = height - (near - far).abs() - (next - last).abs() > 100.0;
        let stands_out = (middle - centre).abs() > (3.0 / 0.6745 * spread).max(100.0);
        if is_still && stands_out { centre } else { middle }
    };
    (0..line.len()).map(clean).collect()
}

/// With the mains at 60 Hz, as in MIT-BIH.
fn without_hum(rate: Rate, line: &[f64]) -> Vec<f64> {
    let late = (rate.hz() / 120.0).round().max(1.0) as usize;
    let [learn, adapt] = [0.15, 0.1].map(|secs| 1.0 / (secs * rate.hz()));
    let (mut hz, mut angle, mut usual) = (60.0, 0.0_f64, 0.0_f64);
    let (mut hum, mut before) = ([0.0; 2], [0.0; 2]);
    let mut errors = vec![];
    for (at, sample) in line.iter().enumerate() {
        let wave = [angle.sin(), angle.cos()];
        angle += TAU * hz / rate.hz();
        let error = sample - hum[0] * wave[0] - hum[1] * wave[1];
        let limit = 3.0 * usual + 1.0;
        let lesson = ((error - earlier(&errors, at, late)) / 2.0).clamp(-limit, limit);
        errors.push(error);
        usual += (lesson.abs() - usual) * adapt;
        hum = [0, 1].map(|it| hum[it] + 2.0 * learn * lesson * wave[it]);
        if (at as u64 + 1).is_multiple_of(rate.samples(100)) {
            let turned = before[0] * hum[1] - before[1] * hum[0];
            let power = |hum: [f64; 2]| hum[0] * hum[0] + hum[1] * hum[1];
            let turn = turned / (f64::midpoint(power(before), power(hum)) + 100.0);
            before = hum;
            hz = (hz + 2.0 * turn / TAU).clamp(59.0, 61.0);
        }
    }
    errors
}

fn without_muscle(rate: Rate, line: &[f64]) -> Vec<f64> {
    let design = Biquad::bessel(rate, 15.0);
    let late = (design.group_delay_s(rate, 1.0) * rate.hz()).round() as usize;
    let mut usual = 0.0_f64;
    let clean = |(at, smooth): (usize, f64)| {
        let fine = earlier(line, at, late) - smooth;
        usual += (fine.abs().min(3.0 * usual + 1.0) - usual) / (0.5 * rate.hz());
        let limit = 2.0 * (usual - 10.0).max(0.0);
        smooth + if fine.abs() > limit { fine - limit * limit / fine } else { 0.0 }
    };
    filtered(&design, line).into_iter().enumerate().map(clean).collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "reads recordings")]
mod tests {
    use ems_device::{Header, Recording};

    use super::*;
    use crate::cleaner::{Cleaner, Mains};
    use crate::lanes::Lanes;

    /// How far the cleaner may be from its twin, in microvolts.
    const TOLERANCE: f64 = 1.0;

    fn leads(path: &std::path::Path) -> (u32, Vec<Vec<f32>>) {
        let header = Header::parse(&std::fs::read(path).unwrap()).unwrap();
        let file = header.signals[0].file.clone();
        let bytes = std::fs::read(path.with_file_name(&file)).unwrap();
        let recording = Recording::decode(&header, &[(&file, &bytes)]).unwrap().0;
        let leads = recording.signals.iter().map(|it| it.microvolts().unwrap());
        (recording.hz.round() as u32, leads.collect())
    }

    /// The first lead alone, as the frequency of the mains is sought in all leads together.
    fn farthest(hz: u32, lead: &[f32]) -> f64 {
        let rate = Rate::new(hz).unwrap();
        let mut cleaner = Cleaner::<1>::new(hz, Mains::Hz60).unwrap();
        let mut block: Vec<Lanes<1>> = lead.iter().map(|&it| Lanes::of(&[it])).collect();
        let mut out = vec![];
        cleaner.clean(&mut block, &mut out);
        let line: Vec<f64> = lead.iter().map(|&it| f64::from(it) - f64::from(lead[0])).collect();
        let line = without_hum(rate, &without_spikes(rate, &line));
        let line = filtered(&Biquad::high_pass(rate, 0.5), &line);
        let line = filtered(&Biquad::low_pass(rate, 40.0), &line);
        let line = without_muscle(rate, &line);
        let off = out.iter().zip(line).map(|(it, plain)| (f64::from(it.measured(0)) - plain).abs());
        off.fold(0.0, f64::max)
    }

    #[test]
    fn a_plain_twin_in_double_precision_cleans_all_records_alike() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ecg/");
        let mut worst = 0.0_f64;
        for folder in ["mitdb", "twelve_lead"] {
            let Ok(folder) = std::fs::read_dir(format!("{root}{folder}")) else {
                eprintln!("SKIPPED: {root}{folder} is absent");
                continue;
            };
            for path in folder.map(|entry| entry.unwrap().path()) {
                if path.extension() != Some("hea".as_ref()) {
                    continue;
                }
                let (hz, leads) = leads(&path);
                let off = farthest(hz, &leads[0]);
                worst = worst.max(off);
                assert!(off < TOLERANCE, "{off} in {}", path.display());
            }
        }
        eprintln!("the cleaner is at most {worst:.3} uV from its twin");
    }
}
