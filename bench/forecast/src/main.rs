//! What `ems-forecast` is worth on real calls, beside plain means of the past.
//!
//! Reads `../shared/data/dispatch/demand`, or the folder that `GH_DEMAND` names. With `GH_TUNE` set it
//! also prints how settings of hours and of the intensity score on early origins and inside the weeks that
//! are learnt from. Arguments choose parts: wales, rolling, cells.

mod cells;
mod data;
mod rolling;
mod services;
mod wales;

fn main() -> anyhow::Result<()> {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let parts: [(&str, fn() -> anyhow::Result<()>); 3] =
        [("wales", wales::run), ("rolling", rolling::run), ("cells", cells::run)];
    for (name, run) in parts {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            run()?;
        }
    }
    Ok(())
}
