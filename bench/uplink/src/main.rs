//! What the uplink promises, on emulated and measured links.
//!
//! `cargo run --release -- f1 [SEEDS]` or `f5 [SEEDS]`; `f2`, `f3 [SEEDS [SETS]]` and `f4` where `../shared/data/network` is,
//! `lowrate` where `../shared/data/ecg/multi` is.

mod data;
mod f1;
mod f2;
mod f3;
mod f4;
mod f5;
mod hostile;
mod lowrate;
mod peers;
mod speed;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let what = args.first().map_or("all", String::as_str);
    let count = args.get(1).map(|count| count.parse()).transpose()?;
    if matches!(what, "f1" | "all") {
        f1::run(count.unwrap_or(200))?;
    }
    if matches!(what, "f2" | "all") {
        f2::run()?;
    }
    if matches!(what, "f3" | "all") {
        let n_sets = args.get(2).map(|count| count.parse()).transpose()?;
        f3::run(count.unwrap_or(10), n_sets.unwrap_or(7))?;
    }
    if matches!(what, "f4" | "all") {
        f4::run()?;
    }
    if matches!(what, "lowrate" | "all") {
        lowrate::run()?;
    }
    if matches!(what, "hostile" | "all") {
        hostile::run()?;
    }
    if matches!(what, "speed" | "all") {
        speed::run()?;
    }
    if matches!(what, "f5" | "all") {
        f5::run(count.unwrap_or(20))?;
    }
    Ok(())
}
