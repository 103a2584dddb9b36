//! Errors by condition, on made videos.

use clap::Args;
use ems_vision::{
    Camera, Face, Frame, Light, Mains, Mosaic, PulseMethod, Region, Scene, SkinSample, SkinTone,
    SkinTracker, Studio, find_pulse, find_rate,
};

use crate::say;

const NOTE: &str = "\
For each condition: the mean error of POS, of CHROM and of the green channel in beats a minute over
all made videos, whether one would trust them or not; then what is told: the share of videos whose
pulse is not refused, the mean and largest error of those, and how many of them are within their own
uncertainty. Rates go from 45 to 180 a minute.";

/// How much to make.
#[derive(Debug, Args)]
#[command(after_help = NOTE)]
pub(super) struct ScoreArgs {
    /// Videos a condition, 1 to 1000.
    #[arg(long, value_name = "N", default_value_t = 12)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    videos: u16,
    /// Seconds of each video, 8 to 60.
    #[arg(long, value_name = "SECS", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u16).range(8..=60))]
    secs: u16,
    /// Only conditions whose name has this in it.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// Half the pixels of a common camera's picture, to be done in half the time.
const SMALL: Camera = Camera { size: [112, 84], ..Camera::COMMON };
/// Rates of the videos of a condition.
const RATES: [f64; 8] = [62.0, 84.0, 110.0, 45.0, 73.0, 142.0, 97.0, 180.0];

impl ScoreArgs {
    pub(super) fn run(&self) {
        say::line(format!(
            "{:32} {:>6} {:>6} {:>6}   {:>5} {:>6} {:>6} {:>7}",
            "condition", "POS", "CHROM", "green", "told", "error", "worst", "within"
        ));
        let only = self.only.as_deref().unwrap_or_default();
        for (name, studio) in conditions().into_iter().filter(|(name, _)| name.contains(only)) {
            let tally = self.tally(&studio);
            say::line(format!("{name:32} {}", tally.row()));
        }
    }

    fn tally(&self, studio: &Studio) -> Tally {
        let mut tally = Tally::default();
        for (seed, bpm) in (0..self.videos).zip(RATES.into_iter().cycle()) {
            let studio = beating(studio, bpm);
            tally.add(&samples(&studio, f64::from(self.secs), u64::from(seed)), bpm);
        }
        tally
    }
}

/// Errors of the videos of one condition, in beats a minute.
#[derive(Default)]
struct Tally {
    n_videos: u32,
    of_methods: [Vec<f64>; 3],
    told: Vec<f64>,
    n_within: u32,
}

impl Tally {
    fn add(&mut self, samples: &[SkinSample], bpm: f64) {
        self.n_videos += 1;
        for (errors, method) in self.of_methods.iter_mut().zip(PulseMethod::ALL) {
            errors.extend(find_rate(samples, method).map(|it| (it.bpm - bpm).abs()));
        }
        if let Ok(pulse) = find_pulse(samples) {
            let error = (pulse.bpm - bpm).abs();
            self.told.push(error);
            self.n_within += u32::from(error <= pulse.within_bpm);
        }
    }

    fn row(&self) -> String {
        let [pos, chrom, green] = self.of_methods.each_ref().map(|it| mean(it));
        let n_told = u32::try_from(self.told.len()).unwrap_or(u32::MAX);
        let told = 100.0 * f64::from(n_told) / f64::from(self.n_videos.max(1));
        if n_told == 0 {
            return format!("{pos:6.1} {chrom:6.1} {green:6.1}   {told:4.0}%");
        }
        let worst = self.told.iter().copied().fold(0.0, f64::max);
        let error = mean(&self.told);
        let within = self.n_within;
        format!(
            "{pos:6.1} {chrom:6.1} {green:6.1}   {told:4.0}% {error:6.2} {worst:6.2} {within:3}/{n_told}"
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred videos")]
fn mean(errors: &[f64]) -> f64 {
    errors.iter().sum::<f64>() / errors.len() as f64
}

fn samples(studio: &Studio, secs: f64, seed: u64) -> Vec<SkinSample> {
    let [width, height] = studio.camera.size;
    let mut tracker = SkinTracker::default();
    let taken = studio.film(secs, seed).filter_map(|it| {
        let rgb = it.rgb?;
        Some(Mosaic::of(&Frame::new(it.at, width, height, &rgb).ok()?, Region::MIDDLE))
    });
    taken.map(|mosaic| tracker.push(&mosaic)).collect()
}

fn conditions() -> Vec<(String, Studio)> {
    let base = studio(SkinTone::III);
    let tones = SkinTone::ALL.map(|tone| (format!("tone {tone:?}, still, daylight"), studio(tone)));
    let light = |light| Studio { light, ..base.clone() };
    let camera = |camera| Studio { camera, ..base.clone() };
    let still = Face::still(SkinTone::III, 84.0);
    let face = |face| Studio { scene: Scene::Face(face), ..base.clone() };
    let sway = |sway, sway_hz| face(Face { sway, sway_hz, ..still });
    let tinted = |share, sway_hz| Studio {
        light: Light { tint: 0.2, ..Light::DAY },
        ..sway(share, sway_hz)
    };
    let flicker = |mains, hz| Studio {
        light: Light { flicker: Some((mains, 0.05)), ..Light::DAY },
        camera: Camera { hz, ..SMALL },
        ..base.clone()
    };
    let hard = |tone| Studio {
        scene: Scene::Face(Face { sway: 0.03, ..Face::still(tone, 84.0) }),
        light: Light {
            level: 0.4,
            flicker: Some((Mains::Hz50, 0.03)),
            drift: 0.2,
            tint: 0.1,
            beacon_hz: None,
        },
        camera: Camera { noise: 4.0, drops: 0.05, ..SMALL },
    };
    let others = [
        ("sways 2 %, 0.4 a second", sway(0.02, 0.4)),
        ("sways 5 %, 0.4 a second", sway(0.05, 0.4)),
        ("sways 2 %, 1.8 a second (CPR)", sway(0.02, 1.8)),
        ("sways 5 %, 1.8 a second (CPR)", sway(0.05, 1.8)),
        ("sways 2 %, 1.8 a second, tint", tinted(0.02, 1.8)),
        ("sways 5 %, 1.8 a second, tint", tinted(0.05, 1.8)),
        ("sways 9 %, 1.2 a second, tint", tinted(0.09, 1.2)),
        ("50 Hz lamps, 30 pictures", flicker(Mains::Hz50, 30.0)),
        ("50 Hz lamps, 24.5 pictures", flicker(Mains::Hz50, 24.5)),
        ("60 Hz lamps, 29.5 pictures", flicker(Mains::Hz60, 29.5)),
        ("exposure drifts by 20 %", light(Light { drift: 0.2, ..Light::DAY })),
        ("a tenth of the light", light(Light { level: 0.1, ..Light::DAY })),
        ("noise of 8 levels", camera(Camera { noise: 8.0, ..SMALL })),
        ("codec, blocks kept below 0.5", camera(Camera { block_step: 0.5, ..SMALL })),
        ("codec, blocks kept below 1.5", camera(Camera { block_step: 1.5, ..SMALL })),
        ("a fifth of the pictures dropped", camera(Camera { drops: 0.2, ..SMALL })),
        ("15.5 pictures a second", camera(Camera { hz: 15.5, ..SMALL })),
        ("all at once, tone II", hard(SkinTone::II)),
        ("all at once, tone IV", hard(SkinTone::IV)),
        ("all at once, tone VI", hard(SkinTone::VI)),
        ("a blue beacon, 2 a second", light(Light { beacon_hz: Some(2.0), ..Light::DAY })),
        ("no pulse at all", face(Face { perfusion: 0.0, ..still })),
        (
            "no pulse, 1.8 a second (CPR)",
            face(Face { perfusion: 0.0, sway: 0.03, sway_hz: 1.8, ..still }),
        ),
    ];
    tones.into_iter().chain(others.map(|(name, studio)| (name.to_owned(), studio))).collect()
}

fn studio(tone: SkinTone) -> Studio {
    let scene = Scene::Face(Face::still(tone, 84.0));
    Studio { scene, light: Light::DAY, camera: SMALL }
}

/// The same with another rate.
fn beating(studio: &Studio, bpm: f64) -> Studio {
    let scene = match studio.scene {
        Scene::Face(face) => Scene::Face(Face { bpm, ..face }),
        finger @ Scene::Finger(_) => finger,
    };
    Studio { scene, ..studio.clone() }
}
