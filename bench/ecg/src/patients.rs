//! How many patients of twelve leads a core cleans, judges and finds the beats of.

use std::alloc::System;
use std::path::PathBuf;

use anyhow::Context;
use bench_ecg::records;
use cpu_time::ProcessTime;
use ems_signal::{Lanes, Mains, Monitor, Quality};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const HZ: u32 = 500;
/// I, II and V1 to V6 are measured, by their places in a record; the other limb leads follow from I
/// and II.
const MEASURED: [usize; 8] = [0, 1, 6, 7, 8, 9, 10, 11];
const N_LEADS: usize = 12;
/// What the caches hold, and far more.
const N_PATIENTS: [u32; 2] = [100, 1000];
/// Each of these seconds is measured by itself.
const SECS: usize = 60;
/// Samples that come at once: 200 ms.
const PIECE: usize = 100;

/// Leads side by side.
type Wave<const QUADS: usize> = Vec<Lanes<QUADS>>;

/// Prints patients a core by CPU time, the median of the seconds and the fastest one, and the
/// memory that one holds, with so many in turn.
pub fn print(n_patients: Option<u32>) -> anyhow::Result<()> {
    let all: Vec<usize> = (0..N_LEADS).collect();
    for n_patients in n_patients.map_or(N_PATIENTS.to_vec(), |it| vec![it]) {
        println!("{N_LEADS} leads at {HZ} Hz cleaned, judged and searched, {n_patients} in turn:");
        rows::<2>("four limb leads from the others", &MEASURED, n_patients)?;
        rows::<3>("each by itself", &all, n_patients)?;
    }
    Ok(())
}

fn rows<const QUADS: usize>(title: &str, leads: &[usize], n_patients: u32) -> anyhow::Result<()> {
    let waves = waves::<QUADS>(leads)?;
    row(title, &waves, n_patients, leads.len())?;
    let without = |it: &Lanes<QUADS>| {
        let mut leads: Vec<f32> = it.leads().to_vec();
        leads[3] = f32::NAN;
        Lanes::of(&leads)
    };
    let waves: Vec<Wave<QUADS>> =
        waves.iter().map(|wave| wave.iter().map(without).collect()).collect();
    row(&format!("{title}, one off"), &waves, n_patients, leads.len())
}

/// Leads of the records of `twelve_lead`.
fn waves<const QUADS: usize>(leads: &[usize]) -> anyhow::Result<Vec<Wave<QUADS>>> {
    let folder = records::data_root().join("twelve_lead");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .with_context(|| folder.display().to_string())?
        .map(|entry| entry.map(|it| it.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "hea"));
    paths.sort();
    let mut waves = vec![];
    for path in paths {
        let record = records::read(&path)?;
        if record.hz != HZ || record.leads.len() != N_LEADS {
            continue;
        }
        let at = |idx: usize| {
            let samples: Vec<f32> = leads.iter().map(|&lead| record.leads[lead][idx]).collect();
            Lanes::of(&samples)
        };
        waves.push((0..record.leads[0].len()).map(at).collect());
    }
    Ok(waves)
}

fn row<const QUADS: usize>(
    title: &str,
    waves: &[Wave<QUADS>],
    n_patients: u32,
    n_leads: usize,
) -> anyhow::Result<()> {
    let memory = Region::new(ALLOCATOR);
    let mut patients = (0..n_patients)
        .map(|_| Monitor::<QUADS>::new(HZ, n_leads, Mains::Auto))
        .collect::<Result<Vec<_>, _>>()?;
    let (mut block, mut out) = (vec![], Vec::with_capacity(PIECE));
    let (mut n_beats, mut n_seconds) = (0, 0);
    let (mut rates, mut start) = (Vec::with_capacity(SECS), ProcessTime::now());
    for from in (0..SECS * HZ as usize).step_by(PIECE) {
        for (patient, wave) in patients.iter_mut().zip(waves.iter().cycle()) {
            block.clear();
            block.extend_from_slice(&wave[from % wave.len()..][..PIECE]);
            out.clear();
            patient.push(&mut block, &mut out);
            if n_leads < N_LEADS {
                out.iter().for_each(|it| _ = std::hint::black_box(it.limbs([0, 1])));
            }
            std::hint::black_box(&out);
            n_beats += std::iter::from_fn(|| patient.poll_beat()).count();
            if let Some(quality) = patient.poll_quality() {
                std::hint::black_box(Quality::limbs([quality[0], quality[1]]));
                n_seconds += 1;
            }
        }
        if (from + PIECE).is_multiple_of(HZ as usize) {
            rates.push(f64::from(n_patients) / start.elapsed().as_secs_f64());
            start = ProcessTime::now();
        }
    }
    drop((block, out));
    let change = memory.change();
    rates.sort_by(f64::total_cmp);
    let held = change.bytes_allocated - change.bytes_deallocated;
    println!(
        "    {title}: {:.0} patients a core, {:.0} in the fastest second, {:.1} KB each \
         ({n_beats} beats, {n_seconds} seconds judged)",
        rates[SECS / 2],
        rates[SECS - 1],
        held as f64 / f64::from(n_patients) / 1024.0,
    );
    Ok(())
}
