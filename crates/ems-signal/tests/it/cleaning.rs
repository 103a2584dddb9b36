//! Cleaning against known truth: noise, hum, spikes and gaps added to clean records.

use std::f64::consts::TAU;

use ems_signal::{
    BeatFinder, Cleaned, Cleaner, Lanes, LeadsFinder, Mains, Monitor, Sample, Score, compare_beats,
    outside,
};

use crate::recordings::{Record, read, records, root, truth};

/// A lead cleaned, moved back by what the cleaner delays it.
fn cleaned(hz: u32, mains: Mains, lead: &[f32]) -> Vec<f32> {
    let (out, delay) = bridged(hz, mains, lead);
    let lead = out.iter().map(|it| it.measured(0)).skip(delay);
    lead.chain(std::iter::repeat_n(f32::NAN, delay)).collect()
}

fn bridged(hz: u32, mains: Mains, lead: &[f32]) -> (Vec<Cleaned<1>>, usize) {
    let mut cleaner = Cleaner::<1>::new(hz, mains).unwrap();
    let mut block: Vec<Lanes<1>> = lead.iter().map(|&sample| Lanes::of(&[sample])).collect();
    let mut out = vec![];
    cleaner.clean(&mut block, &mut out);
    (out, cleaner.delay_samples())
}

fn rms(values: impl Iterator<Item = f32>) -> f64 {
    let (sum, count) = values
        .filter(|value| value.is_finite())
        .fold((0.0, 0.0), |(sum, count), it| (sum + f64::from(it).powi(2), count + 1.0));
    f64::sqrt(sum / count)
}

fn differences<'a>(a: &'a [f32], b: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
    a.iter().zip(b).map(|(a, b)| a - b)
}

/// The first two minutes of each record's first lead.
fn clean_leads() -> Vec<(Record, Vec<f32>)> {
    let lead = |record: Record| {
        let lead = record.leads[0][..120 * 360].to_vec();
        (record, lead)
    };
    records("mitdb").into_iter().map(lead).collect()
}

fn with_hum(lead: &[f32], hz_at: impl Fn(f64) -> f64, microvolts: f64) -> Vec<f32> {
    let mut angle = 0.0;
    let add = |(at, &sample): (usize, &f32)| {
        angle += TAU * hz_at(at as f64 / 360.0) / 360.0;
        sample + (microvolts * f64::sin(angle)) as f32
    };
    lead.iter().enumerate().map(add).collect()
}

/// The frequency of the mains at so many seconds.
type Drift = fn(f64) -> f64;

#[test]
fn hum_of_either_frequency_is_gone_within_two_seconds_and_followed_as_it_drifts() {
    let drifts: [(&str, Drift); 6] = [
        ("50 Hz", |_| 50.0),
        ("60 Hz", |_| 60.0),
        ("49.5 Hz", |_| 49.5),
        ("60.5 Hz", |_| 60.5),
        ("50 Hz to and fro by 0.5 Hz in 20 s", |at| 50.0 + 0.5 * (TAU * at / 20.0).sin()),
        ("60 Hz to and fro by 0.5 Hz in 20 s", |at| 60.0 + 0.5 * (TAU * at / 20.0).sin()),
    ];
    let leads = clean_leads();
    for (name, hz_at) in drifts {
        let (mut left, mut worst) = (vec![], 0.0_f64);
        for (_, lead) in &leads {
            // MIT-BIH itself has 60 Hz hum: it counts as hum where it is taken out.
            let quiet = cleaned(360, Mains::Auto, lead);
            let noisy = cleaned(360, Mains::Auto, &with_hum(lead, hz_at, 500.0));
            let after = rms(differences(&noisy[2 * 360..], &quiet[2 * 360..]));
            worst = worst.max(after);
            left.push(after);
        }
        if left.is_empty() {
            return;
        }
        let mean = left.iter().sum::<f64>() / left.len() as f64;
        eprintln!("{name}: 354 uV rms of hum leave {mean:.1}, at most {worst:.1} after 2 s");
        assert!(mean < 15.0 && worst < 30.0, "{name}: {mean} {worst}");
    }
}

#[test]
fn looking_for_hum_where_there_is_little_bends_no_complex() {
    for (record, lead) in clean_leads() {
        let (with, without) = (cleaned(360, Mains::Auto, &lead), cleaned(360, Mains::Off, &lead));
        let size = rms(without[720..].iter().copied());
        let bent = rms(differences(&with[720..], &without[720..]));
        let most = differences(&with[720..], &without[720..]).filter(|it| it.is_finite());
        let most = most.fold(0.0_f32, |most, it| most.max(it.abs()));
        eprintln!("{}: {bent:.2} uV rms of {size:.0}, at most {most:.1}", record.name);
    }
}

/// What is added at so many decibels below the lead, both without their means.
fn at_level(lead: &[f32], noise: &[f32], decibels: f64) -> Vec<f32> {
    let power = |it: &[f32]| {
        let mean = it.iter().sum::<f32>() / it.len() as f32;
        rms(it.iter().map(|sample| sample - mean))
    };
    let scale = power(lead) / power(noise) / 10.0_f64.powf(decibels / 20.0);
    lead.iter().zip(noise).map(|(sample, noise)| sample + scale as f32 * noise).collect()
}

fn decibels(of: f64, over: f64) -> f64 {
    20.0 * (of / over).log10()
}

fn beats(lead: &[f32]) -> Vec<i64> {
    let mut finder = BeatFinder::new(360).unwrap();
    for &sample in lead {
        finder.push(sample);
    }
    finder.finish();
    std::iter::from_fn(|| finder.poll_output()).map(|beat| beat.sample as i64).collect()
}

/// The median over the beats of how high the complex stands, over how high it stood.
fn kept_height(beats: &[i64], before: &[f32], after: &[f32]) -> f64 {
    let span = |lead: &[f32], at: i64| {
        let part = &lead[(at - 18) as usize..(at + 18) as usize];
        let fold = |(low, high): (f32, f32), &it: &f32| (low.min(it), high.max(it));
        let (low, high) = part.iter().fold((f32::MAX, f32::MIN), fold);
        high - low
    };
    let inside = beats.iter().filter(|&&at| at > 720 && at + 60 < before.len() as i64);
    let mut kept: Vec<f64> =
        inside.map(|&at| f64::from(span(after, at) / span(before, at))).collect();
    kept.sort_by(f64::total_cmp);
    kept[kept.len() / 2]
}

#[test]
fn noise_of_known_size_comes_out_smaller_and_complexes_stay_as_high() {
    let leads = clean_leads();
    if leads.is_empty() {
        return;
    }
    for name in ["bw", "em", "ma"] {
        let noise = &read(&root().join("noise").join(name)).leads[0];
        for level in [24.0, 12.0, 6.0, 0.0] {
            let (mut gained, mut kept) = (0.0, 0.0);
            let mut scores = [Score::default(); 2];
            for (idx, (record, lead)) in leads.iter().enumerate() {
                let noise = &noise[idx * 20_000..];
                let noisy = at_level(lead, noise, level);
                let (quiet, after) =
                    (cleaned(360, Mains::Auto, lead), cleaned(360, Mains::Auto, &noisy));
                let size = rms(quiet[720..].iter().copied());
                gained += decibels(size, rms(differences(&after[720..], &quiet[720..]))) - level;
                let (truth, flutter) = truth(record);
                let truth: Vec<i64> = truth.into_iter().filter(|&at| at < 43_000).collect();
                kept += kept_height(&truth, &quiet, &after);
                for (score, lead) in scores.iter_mut().zip([&noisy, &after]) {
                    let found = beats(lead);
                    let [truth, found] = [&truth, &found].map(|it| outside(it, 720, &flutter));
                    *score += compare_beats(&truth, &found, 54);
                }
            }
            let n_leads = leads.len() as f64;
            eprintln!(
                "{name} at {level:2} dB: {:.1} dB less, complexes {:.1} % as high, DER {:.2} % as \
                 measured, {:.2} % cleaned",
                gained / n_leads,
                100.0 * kept / n_leads,
                scores[0].der(),
                scores[1].der(),
            );
            if name != "em" {
                assert!(gained / n_leads > 2.0, "{name} at {level}: {gained}");
            }
        }
    }
}

/// Numbers that look random, the same each time.
fn scatter(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as f64 / f64::from(1u32 << 31)
}

#[test]
fn spikes_are_taken_out_and_r_waves_are_not() {
    let mut seed = 7;
    let (mut n_spikes, mut n_left, mut worst, mut touched, mut n_samples) = (0, 0, 0.0_f32, 0, 0);
    for (record, lead) in clean_leads() {
        let is_paced = ["102", "104", "107", "217"].contains(&&*record.name);
        let mut spiky = lead.clone();
        let mut places = vec![];
        for at in (1000..lead.len() - 1000).step_by(180) {
            let at = at + (150.0 * scatter(&mut seed)) as usize;
            let sign = if scatter(&mut seed) < 0.5 { -1.0 } else { 1.0 };
            let height = sign * (500.0 + 2500.0 * scatter(&mut seed)) as f32;
            let n_wide = 1 + (2.0 * scatter(&mut seed)) as usize;
            spiky[at..at + n_wide].iter_mut().for_each(|it| *it += height);
            places.push((at, height));
        }
        let (quiet, after) = (cleaned(360, Mains::Off, &lead), cleaned(360, Mains::Off, &spiky));
        for (at, height) in places {
            let left = differences(&after[at - 4..at + 8], &quiet[at - 4..at + 8]);
            let left = left.fold(0.0_f32, |most, it| most.max(it.abs()));
            n_spikes += 1;
            // A spike of one sample is left a third as high by the filters alone.
            n_left += usize::from(left > height.abs() / 10.0);
            worst = worst.max(left);
        }
        if !is_paced {
            let mut monitor = Monitor::<1>::new(360, 1, Mains::Off).unwrap();
            let mut block: Vec<_> = lead.iter().map(|&it| Lanes::of(&[it])).collect();
            monitor.push(&mut block, &mut vec![]);
            touched += monitor.take_spikes().lead(0) as usize;
            n_samples += lead.len();
        }
    }
    if n_spikes > 0 {
        eprintln!(
            "{n_left} of {n_spikes} spikes are left, {worst:.0} uV at most; of {n_samples} samples \
             without spikes {touched} were changed"
        );
        assert!(n_left * 12 < n_spikes && touched * 10_000 < n_samples);
    }
}

#[test]
fn a_bridge_over_a_gap_is_as_uncertain_as_it_says() {
    let mut off = vec![vec![]; 5];
    let gaps_ms = [20, 50, 100, 300, 800];
    let mut seed = 3;
    for (_, lead) in clean_leads() {
        let quiet = cleaned(360, Mains::Auto, &lead);
        for (off, gap_ms) in off.iter_mut().zip(gaps_ms) {
            let n_missing = gap_ms * 360 / 1000;
            let mut holed = lead.clone();
            for at in (3600..lead.len() - 1000).step_by(1080) {
                let at = at + (600.0 * scatter(&mut seed)) as usize;
                holed[at..at + n_missing].fill(f32::NAN);
            }
            let (out, delay) = bridged(360, Mains::Auto, &holed);
            for (at, sample) in out.iter().skip(delay).enumerate() {
                let Sample::Bridged { microvolts, sd_microvolts } = sample.lead(0) else {
                    continue;
                };
                let is_last = holed.get(at + 1).is_some_and(|it| it.is_finite());
                if is_last {
                    off.push((quiet[at] - microvolts) / sd_microvolts);
                }
            }
        }
    }
    for (off, gap_ms) in off.iter().zip(gaps_ms).filter(|(off, _)| !off.is_empty()) {
        let spread = rms(off.iter().copied());
        let within = off.iter().filter(|it| it.abs() < 2.0).count() as f64 / off.len() as f64;
        eprintln!(
            "at the end of {gap_ms} ms: {spread:.2} of the stated deviation, {:.1} % within two",
            100.0 * within
        );
        assert!((0.5..1.5).contains(&spread), "{gap_ms} ms: {spread}");
    }
}

#[test]
fn blocks_and_neighbours_change_no_bit() {
    let Some((_, lead)) = clean_leads().into_iter().next() else { return };
    let wave: Vec<[f32; 12]> = (0..20_000)
        .map(|at| std::array::from_fn(|lane| lead[(at + 997 * lane) % lead.len()]))
        .collect();
    let mut twelve = Cleaner::<3>::new(360, Mains::Off).unwrap();
    let mut out = vec![];
    for part in wave.chunks(77) {
        let mut block: Vec<Lanes<3>> = part.iter().map(|it| Lanes::of(it)).collect();
        twelve.clean(&mut block, &mut out);
    }
    for lane in 0..12 {
        let mut one = Cleaner::<1>::new(360, Mains::Off).unwrap();
        for (at, sample) in wave.iter().enumerate() {
            let [alone, beside] = [one.push(sample[lane]), out[at].measured(lane)];
            assert_eq!(alone.to_bits(), beside.to_bits(), "lead {lane} at {at}");
        }
    }
}

/// Records of 12 or 15 leads by their headers.
fn many_leads() -> Vec<Record> {
    let Ok(folder) = std::fs::read_dir(root().join("twelve_lead")) else {
        eprintln!("SKIPPED: {} is absent", root().display());
        return vec![];
    };
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension() == Some("hea".as_ref()));
    paths.push(root().join("multi/s0010_re"));
    paths.iter().map(|path| read(path)).collect()
}

fn monitored(record: &Record, spoil: impl Fn(usize, &mut [f32])) -> Vec<i64> {
    let n_leads = record.leads.len();
    let mut monitor = Monitor::<4>::new(record.hz, n_leads, Mains::Auto).unwrap();
    let mut out = vec![];
    for at in 0..record.leads[0].len() {
        let mut samples: Vec<f32> = record.leads.iter().map(|lead| lead[at]).collect();
        spoil(at, &mut samples);
        out.clear();
        monitor.push(&mut [Lanes::of(&samples)], &mut out);
    }
    monitor.finish();
    std::iter::from_fn(|| monitor.poll_beat()).map(|beat| beat.sample as i64).collect()
}

#[test]
fn the_best_two_leads_tell_the_beats_that_all_of_them_tell() {
    let (mut whole, mut spoilt) = (Score::default(), Score::default());
    let records = many_leads();
    for record in &records {
        let mut all = LeadsFinder::new(record.hz, record.leads.len()).unwrap();
        for at in 0..record.leads[0].len() {
            all.push(&record.leads.iter().map(|lead| lead[at]).collect::<Vec<_>>());
        }
        all.finish();
        let all: Vec<i64> =
            std::iter::from_fn(|| all.poll_output()).map(|beat| beat.sample as i64).collect();
        let reach = i64::from(record.hz) * 150 / 1000;
        whole += compare_beats(&all, &monitored(record, |_, _| ()), reach);
        // The first two leads fall off after 4 s.
        let off = 4 * record.hz as usize;
        let fall = |at: usize, samples: &mut [f32]| {
            if at >= off {
                samples[..2].fill(f32::NAN);
            }
        };
        spoilt += compare_beats(&all, &monitored(record, fall), reach);
    }
    if !records.is_empty() {
        eprintln!("two leads against all: {whole:?}; the first two lost after 4 s: {spoilt:?}");
        assert!(whole.der() < 2.0 && spoilt.der() < 25.0);
    }
}
