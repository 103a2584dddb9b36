//! The cleaner's stages by their definition: in double precision, sample by sample, lead by lead but
//! for the frequency of the mains.
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
        if height - (near - far).abs() - (next - last).abs() <= 100.0 {
            return middle;
        }
        let centre = median(window.clone());
        let spread = median(window.iter().map(|it| (it - centre).abs()).collect());
        let stands_out = (middle - centre).abs() > (3.0 / 0.6745 * spread).max(100.0);
        if stands_out { centre } else { middle }
    };
    (0..line.len()).map(clean).collect()
}

/// What is learnt of one lead's hum.
#[derive(Debug, Clone, Default)]
struct PlainHum {
    learnt: [f64; 2],
    before: [f64; 2],
    usual: f64,
    errors: Vec<f64>,
}

impl PlainHum {
    fn push(&mut self, sample: f64, wave: [f64; 2], late: usize, [learn, adapt]: [f64; 2]) {
        let error = sample - self.learnt[0] * wave[0] - self.learnt[1] * wave[1];
        let limit = 3.0 * self.usual + 1.0;
        let lesson = (error - earlier(&self.errors, self.errors.len(), late)) / 2.0;
        let lesson = lesson.clamp(-limit, limit);
        self.errors.push(error);
        self.usual += (lesson.abs() - self.usual) * adapt;
        self.learnt = [0, 1].map(|it| self.learnt[it] + 2.0 * learn * lesson * wave[it]);
    }

    /// How far its phase has turned, and its power.
    fn look(&mut self) -> [f64; 2] {
        let ([s, c], [before_s, before_c]) = (self.learnt, self.before);
        self.before = self.learnt;
        let power = f64::midpoint(s * s + c * c, before_s * before_s + before_c * before_c);
        [before_s * c - before_c * s, power]
    }
}

fn without_hum(rate: Rate, mains_hz: f64, lines: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let late = (rate.hz() / 2.0 / mains_hz).round().max(1.0) as usize;
    let paces = [0.15, 0.1].map(|secs| 1.0 / (secs * rate.hz()));
    let (mut hz, mut angle) = (mains_hz, 0.0_f64);
    let mut hums = vec![PlainHum::default(); lines.len()];
    for at in 0..lines[0].len() {
        angle += TAU * hz / rate.hz();
        let wave = [angle.sin(), angle.cos()];
        for (hum, line) in hums.iter_mut().zip(lines) {
            hum.push(line[at], wave, late, paces);
        }
        if (at as u64 + 1).is_multiple_of(rate.samples(100)) {
            let looks = hums.iter_mut().map(PlainHum::look);
            let [turned, power] = looks.fold([0.0; 2], |sum, it| [sum[0] + it[0], sum[1] + it[1]]);
            hz += 2.0 * turned / (power + 100.0) / TAU;
            hz = hz.clamp(mains_hz - 1.0, mains_hz + 1.0);
        }
    }
    hums.into_iter().map(|hum| hum.errors).collect()
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
    const TOLERANCE: f64 = 0.05;

    fn leads(path: &std::path::Path) -> (u32, Vec<Vec<f32>>) {
        let header = Header::parse(&std::fs::read(path).unwrap()).unwrap();
        let file = header.signals[0].file.clone();
        let bytes = std::fs::read(path.with_file_name(&file)).unwrap();
        let recording = Recording::decode(&header, &[(&file, &bytes)]).unwrap().0;
        let leads = recording.signals.iter().map(|it| it.microvolts().unwrap());
        (recording.hz.round() as u32, leads.collect())
    }

    /// All leads together, as they share the frequency of the mains.
    fn farthest(hz: u32, leads: &[Vec<f32>]) -> f64 {
        let rate = Rate::new(hz).unwrap();
        let still = |lead: &Vec<f32>| {
            let line: Vec<f64> =
                lead.iter().map(|&it| f64::from(it) - f64::from(lead[0])).collect();
            without_spikes(rate, &line)
        };
        let still: Vec<Vec<f64>> = leads.iter().map(still).collect();
        let of_mains = |(mains, mains_hz): (Mains, f64)| {
            let mut cleaner = Cleaner::<4>::new(hz, mains).unwrap();
            let at = |at: usize| Lanes::of(&leads.iter().map(|lead| lead[at]).collect::<Vec<_>>());
            let mut block: Vec<Lanes<4>> = (0..leads[0].len()).map(at).collect();
            let mut out = vec![];
            cleaner.clean(&mut block, &mut out);
            let mut worst = 0.0_f64;
            for (lead, line) in without_hum(rate, mains_hz, &still).into_iter().enumerate() {
                let line = filtered(&Biquad::high_pass(rate, 0.5), &line);
                let line = filtered(&Biquad::low_pass(rate, 40.0), &line);
                let line = without_muscle(rate, &line);
                let off = |(it, plain): (&crate::gaps::Cleaned<4>, f64)| {
                    (f64::from(it.measured(lead)) - plain).abs()
                };
                worst = out.iter().zip(line).map(off).fold(worst, f64::max);
            }
            worst
        };
        [(Mains::Hz50, 50.0), (Mains::Hz60, 60.0)].map(of_mains).into_iter().fold(0.0, f64::max)
    }

    #[test]
    fn a_plain_twin_in_double_precision_cleans_all_leads_of_all_records_alike() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ecg/");
        let (mut worst, mut n_leads) = (0.0_f64, 0);
        for folder in ["mitdb", "twelve_lead", "noise", "afib", "vf_unannotated"] {
            let Ok(folder) = std::fs::read_dir(format!("{root}{folder}")) else {
                eprintln!("SKIPPED: {root}{folder} is absent");
                continue;
            };
            for path in folder.map(|entry| entry.unwrap().path()) {
                if path.extension() != Some("hea".as_ref()) {
                    continue;
                }
                let (hz, leads) = leads(&path);
                if leads.iter().flatten().any(|it| !it.is_finite()) {
                    eprintln!("SKIPPED: {} has missing samples, the twin no gaps", path.display());
                    continue;
                }
                let off = farthest(hz, &leads);
                (worst, n_leads) = (worst.max(off), n_leads + leads.len());
                assert!(off < TOLERANCE, "{off} in {}", path.display());
            }
        }
        eprintln!("the cleaner is at most {worst:.3} uV from its twin in {n_leads} leads");
    }
}
