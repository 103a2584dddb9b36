//! What the uplink promises, on emulated and measured links.
//!
//! `cargo run --release -- f1 [SEEDS]`, and `f2` to `f5` where `../shared/data/network` is there.

mod f1;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let what = args.first().map_or("all", String::as_str);
    let count = args.get(1).map(|count| count.parse()).transpose()?;
    if matches!(what, "f1" | "all") {
        f1::run(count.unwrap_or(200))?;
    }
    Ok(())
}
