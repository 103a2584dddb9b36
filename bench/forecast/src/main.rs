//! What `ems-forecast` is worth on real calls, beside plain means of the past.
//!
//! Reads `../shared/data/dispatch/demand`, or the folder that `GH_DEMAND` names. With `GH_TUNE` set it
//! also prints how settings of the intensity score inside the weeks that are learnt from.

mod cells;
mod data;
mod new_york;
mod wales;

fn main() -> anyhow::Result<()> {
    wales::run()?;
    new_york::run()?;
    cells::run()
}
