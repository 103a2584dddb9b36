//! The capillary refill time of a nail in a video.

use anyhow::bail;
use clap::Args;
use ems_model::Timestamp;
use ems_vision::{SkinTracker, find_refill};

use super::frames::Source;
use crate::say;

const NOTE: &str = "\
Aim at the nail of a hand at heart level and rest both; press it for 5 s, let go, and record until the
colour is back. The time is that to 90 % of the return. On a finger, up to about 2 s is normal after
the seventh day of life, and 3 s or more abnormal (S. Fleming et al., Arch Dis Child 2015;100:239, after
its abstract); cold makes it longer.";

/// Which video.
#[derive(Debug, Args)]
#[command(after_help = NOTE)]
pub(super) struct RefillArgs {
    #[command(flatten)]
    source: Source,
}

impl RefillArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let (mut tracker, mut samples) = (SkinTracker::default(), vec![]);
        self.source.each(&mut |mosaic| samples.push(tracker.push(&mosaic)))?;
        match find_refill(&samples) {
            Ok(refill) => say::line(format!(
                "refill time {:.2} s ±{:.2}, released at {:.1} s",
                refill.secs,
                refill.within_secs,
                refill.released_at.since(Timestamp::default()).as_secs_f64()
            )),
            Err(refusal) => bail!("no refill time: {refusal}"),
        }
        Ok(())
    }
}
