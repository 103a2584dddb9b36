//! A way on which a consultation by video holds.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use ems_coverage::{Ahead, Coverage, Need};
use ems_model::Millis;
use ems_roads::Directions;
use serde_json::{Value, json};

use super::tell;

/// What is needed on the way.
#[derive(Debug, Args)]
pub(super) struct ConsultArgs {
    /// A map of what networks carry, as `link coverage` writes it: tells how long a way lacks
    /// --needs-mbps, and what a way that lacks less costs.
    #[arg(long, value_name = "FILE", conflicts_with = "via")]
    coverage: Option<PathBuf>,
    /// At least so many Mbit/s, on the best network.
    #[arg(long, value_name = "MBPS", default_value_t = 5.0, requires = "coverage")]
    needs_mbps: f64,
}

/// Ways against what is needed, in the order of the ways: the fastest first.
pub(super) struct Consult {
    needs_mbps: f64,
    ahead: Vec<Ahead>,
    /// The way that lacks least, and the quickest of those.
    best_idx: usize,
}

impl ConsultArgs {
    pub(super) fn is_asked(&self) -> bool {
        self.coverage.is_some()
    }

    /// Holds ways against the map; `None` where none is given.
    pub(super) fn consult(&self, ways: &[&Directions]) -> anyhow::Result<Option<Consult>> {
        let Some(path) = &self.coverage else { return Ok(None) };
        if !(0.01..=1e5).contains(&self.needs_mbps) {
            bail!("--needs-mbps {} is outside 0.01..=100000", self.needs_mbps);
        }
        let shown = path.display();
        let bytes = std::fs::read(path)
            .with_context(|| format!("{shown} cannot be read: make it with link coverage"))?;
        let map = Coverage::from_csv(&bytes).with_context(|| shown.to_string())?;
        let networks: Vec<&str> = map.networks().collect();
        let need = Need { kbps: self.needs_mbps * 1000.0, hour: None };
        let ahead = ways.iter().map(|way| map.ahead(&networks, &way.route.points, &need));
        let ahead: Vec<Ahead> =
            ahead.collect::<Option<_>>().with_context(|| format!("{shown} holds no throughput"))?;
        let quickest = ahead.iter().enumerate().min_by_key(|(_, it)| (it.lacking, it.whole));
        let best_idx = quickest.map_or(0, |best| best.0);
        Ok(Some(Consult { needs_mbps: self.needs_mbps, ahead, best_idx }))
    }
}

impl Consult {
    pub(super) fn line(&self) -> String {
        let (first, best) = (self.ahead[0], self.ahead[self.best_idx]);
        let needs = format!("{} Mbit/s", self.needs_mbps);
        let lacks = tell::clock(first.lacking);
        if self.best_idx == 0 {
            let unknown = Self::unknown(&first);
            return format!(
                "Less than {needs} are expected for {lacks}{unknown}; no other way lacks less"
            );
        }
        let more = best.whole.get() - first.whole.get();
        format!(
            "Less than {needs} are expected for {lacks}{}; other way {} costs {} s more and lacks {}{}",
            Self::unknown(&first),
            self.best_idx,
            more / 1000,
            tell::clock(best.lacking),
            Self::unknown(&best),
        )
    }

    fn unknown(ahead: &Ahead) -> String {
        if ahead.unknown == Millis::ZERO {
            return String::new();
        }
        format!(" (nobody knows for {})", tell::clock(ahead.unknown))
    }

    pub(super) fn as_json(&self) -> Value {
        let way = |it: &Ahead| {
            let seconds = |(from, to): (Millis, Millis)| [from.as_secs_f64(), to.as_secs_f64()];
            json!({
                "seconds": it.whole.as_secs_f64(),
                "lacking_seconds": it.lacking.as_secs_f64(),
                "unknown_seconds": it.unknown.as_secs_f64(),
                "first_hole_seconds": it.hole.map(seconds),
            })
        };
        json!({
            "needs_mbps": self.needs_mbps,
            "ways": self.ahead.iter().map(way).collect::<Vec<_>>(),
            "best_way": self.best_idx,
        })
    }
}
