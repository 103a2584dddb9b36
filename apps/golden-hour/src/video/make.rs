//! Makes videos whose pulse is known.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use ems_vision::{Camera, Chroma, Face, Finger, Light, Mains, Scene, SkinTone, Studio, Y4mHeader};

use crate::say;

/// What to make.
#[derive(Debug, Args)]
pub(super) struct MakeArgs {
    /// A face with this many beats a minute, 42 to 240.
    #[arg(long, value_name = "BPM", value_parser = parse_pulse, required_unless_present = "refill")]
    pulse: Option<f64>,
    /// A nail that is pressed from second 1 to 4 and has 90 % of its colour back after SECS.
    #[arg(long, value_name = "SECS", value_parser = parse_refill, conflicts_with = "pulse")]
    refill: Option<f64>,
    /// The Fitzpatrick phototype of the skin.
    #[arg(long, value_enum, default_value = "iii")]
    tone: Tone,
    /// Seconds, 1 to 600.
    #[arg(long, value_name = "SECS", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=600))]
    secs: u16,
    /// Pictures a second, 5 to 60.
    #[arg(long, value_name = "HZ", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u16).range(5..=60))]
    fps: u16,
    /// How far the head sways, as a share of the picture's height.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    sway: f64,
    /// Lamps that flicker by this mains frequency, 50 or 60.
    #[arg(long, value_name = "HZ", value_parser = parse_mains)]
    flicker: Option<Mains>,
    /// How bright the light is, 1 for a well-lit room.
    #[arg(long, value_name = "LEVEL", default_value_t = 1.0)]
    light: f64,
    /// The deviation of a pixel's noise, of 255.
    #[arg(long, value_name = "LEVELS", default_value_t = 2.0)]
    noise: f32,
    /// The seed of all chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the video is written (YUV4MPEG2).
    #[arg(long, value_name = "FILE.y4m")]
    out: PathBuf,
}

/// Phototypes, as they are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Tone {
    I,
    Ii,
    Iii,
    Iv,
    V,
    Vi,
}

/// Lamps' flicker as a camera sees it.
const FLICKER: f64 = 0.05;
/// When the nail is pressed and let go.
const PRESSED_S: [f64; 2] = [1.0, 4.0];

impl MakeArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let camera = Camera { hz: f64::from(self.fps), noise: self.noise, ..Camera::COMMON };
        let [width, height] = camera.size;
        let header = Y4mHeader {
            width,
            height,
            rate: [u32::from(self.fps), 1],
            chroma: Chroma::C420,
            is_full_range: false,
        };
        let shown = self.out.display();
        let file = File::create(&self.out).with_context(|| format!("{shown} cannot be written"))?;
        let mut out = BufWriter::new(file);
        writeln!(out, "{header}")?;
        let mut n_pictures = 0_u32;
        for picture in self.studio(camera).film(f64::from(self.secs), self.seed) {
            let Some(rgb) = picture.rgb else { continue };
            out.write_all(b"FRAME\n")?;
            out.write_all(&header.from_rgb(&rgb))?;
            n_pictures += 1;
        }
        out.flush().with_context(|| format!("{shown} cannot be written"))?;
        let truth = match self.scene() {
            Scene::Face(face) => format!("a pulse of {}/min", face.bpm),
            Scene::Finger(finger) => format!("a refill time of {} s", finger.refill_s),
        };
        say::line(format!("{n_pictures} pictures with {truth} in {shown}"));
        Ok(())
    }

    fn studio(&self, camera: Camera) -> Studio {
        Studio {
            scene: self.scene(),
            light: Light {
                level: self.light,
                flicker: self.flicker.map(|mains| (mains, FLICKER)),
                ..Light::DAY
            },
            camera,
        }
    }

    fn scene(&self) -> Scene {
        let tone = self.tone.into();
        match (self.pulse, self.refill) {
            (Some(bpm), _) => Scene::Face(Face { sway: self.sway, ..Face::still(tone, bpm) }),
            (None, refill_s) => {
                let refill_s = refill_s.expect("the command line asks for one of the two");
                Scene::Finger(Finger { tone, pressed_s: PRESSED_S, refill_s })
            }
        }
    }
}

impl From<Tone> for SkinTone {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::I => Self::I,
            Tone::Ii => Self::II,
            Tone::Iii => Self::III,
            Tone::Iv => Self::IV,
            Tone::V => Self::V,
            Tone::Vi => Self::VI,
        }
    }
}

fn parse_pulse(text: &str) -> Result<f64, String> {
    let pulse = text.parse().ok().filter(|pulse| (42.0..=240.0).contains(pulse));
    pulse.ok_or_else(|| "give beats a minute, 42 to 240".into())
}

fn parse_refill(text: &str) -> Result<f64, String> {
    let secs = text.parse().ok().filter(|secs| (0.2..=10.0).contains(secs));
    secs.ok_or_else(|| "give seconds, 0.2 to 10".into())
}

fn parse_mains(text: &str) -> Result<Mains, String> {
    match text {
        "50" => Ok(Mains::Hz50),
        "60" => Ok(Mains::Hz60),
        _ => Err("give 50 or 60".into()),
    }
}
