//! Whether a photo is good enough to keep.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use ems_host::{bare_picture, decode_picture};
use ems_model::Timestamp;
use ems_vision::{Frame, judge_photo};

use crate::say;

/// Which photo.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// A JPEG or PNG photo.
    #[arg(value_name = "PHOTO")]
    photo: PathBuf,
    /// Write the photo without what the camera wrote beside it: place, time, device, thumbnail.
    #[arg(long, value_name = "FILE")]
    bare_to: Option<PathBuf>,
}

impl CheckArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let shown = self.photo.display();
        let bytes = std::fs::read(&self.photo)
            .with_context(|| format!("{shown} cannot be read: give a photo's path"))?;
        let picture = decode_picture(&bytes).with_context(|| shown.to_string())?;
        let [width, height] = picture.size;
        let frame = Frame::new(Timestamp::default(), width, height, &picture.rgb)?;
        let quality = judge_photo(&frame);
        say::line(format!(
            "{width} x {height}, sharpness {:.0}, brightness {:.0} of 255, clipped {:.3}, black {:.3}",
            quality.sharpness, quality.luma, quality.clipped, quality.black
        ));
        if let Some(path) = &self.bare_to {
            let bare = bare_picture(&bytes, picture.format)?;
            std::fs::write(path, &bare)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            say::line(format!("{} of {} bytes in {}", bare.len(), bytes.len(), path.display()));
        }
        for fault in &quality.faults {
            say::line(fault);
        }
        if !quality.faults.is_empty() {
            bail!("{shown} is not good enough: take it again");
        }
        Ok(())
    }
}
