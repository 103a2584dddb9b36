//! The words of `--policy`: where units wait, and behind each `+` who is sent.

use std::sync::Arc;

use anyhow::{Context, bail};
use ems_dispatch::{
    ComplianceTable, CoverPatterns, Dispatch, Dmexclp, DoubleStandard, Exchange, MoveBounds,
    PostingList, Redeployment, Relocation, Rollout, SurvivalCurves, Weighing, Worth,
};
use ems_sim::{FleetPolicy, Lookahead, PlayGround, Sending};

/// What the words of a policy may need of a city.
pub(super) trait Ground {
    fn n_units(&self) -> usize;
    fn n_stations(&self) -> usize;
    /// Demand by the stations that cover it.
    fn near(&self) -> anyhow::Result<Arc<CoverPatterns>>;
    /// The same within a longer time.
    fn far(&self) -> anyhow::Result<Arc<CoverPatterns>>;
    fn bounds(&self) -> MoveBounds;
    /// How long an idle unit that was moved is left alone, minutes.
    fn move_pause_min(&self) -> f64;
    /// What futures are played on.
    fn play(&self) -> anyhow::Result<Arc<PlayGround>>;
}

pub(super) const KNOWN: &str = "\
where units wait: none, dmexclp[:BUSY], redeploy[:BUSY[:PATIENCE_MIN]], nested[:BUSY], \
multi[:BUSY[:SLACK]], list:STATION,STATION,..., ddsm[:SHARE[:PER_MIN]]; behind it any of: +cover, \
+late[:PER_MIN[:PER_COVER]], +survival:CURVE[:PER_COVER], +rollout[:FUTURES[:HORIZON_MIN]], +exchange[:MINUTES]";

/// What JEMSS assumes of DMEXCLP where nothing is said.
const BUSY_DMEXCLP: f64 = 0.5;
/// What is best on both cities of `docs/fleet.md`.
const BUSY: f64 = 0.2;
const PATIENCE_MIN: f64 = 40.0;
const SHARE: f64 = 0.9;
const PER_MIN_DDSM: f64 = 1.0;
const PER_MIN_LATE: f64 = 0.02;
const PER_MIN_SURVIVAL: f64 = 0.001;
const EXCHANGE_MIN: f64 = 0.5;

/// A word with the numbers or names behind its colons.
struct Word<'a> {
    name: &'a str,
    given: Vec<&'a str>,
}

impl<'a> Word<'a> {
    fn new(text: &'a str) -> Self {
        let mut parts = text.split(':');
        Self { name: parts.next().unwrap_or(""), given: parts.collect() }
    }

    /// The number at a place, or what stands for it.
    fn number(&self, at: usize, otherwise: f64) -> anyhow::Result<f64> {
        let Some(text) = self.given.get(at) else { return Ok(otherwise) };
        text.parse().with_context(|| format!("\"{text}\" is not a number: write {}:0.5", self.name))
    }

    fn takes(&self, n_max: usize) -> anyhow::Result<()> {
        if self.given.len() > n_max {
            bail!("{} takes {n_max} settings at most: leave some out", self.name);
        }
        Ok(())
    }
}

/// Reads a policy such as `nested:0.2+late+exchange`.
pub(super) fn read(text: &str, ground: &dyn Ground) -> anyhow::Result<FleetPolicy> {
    let mut words = text.split('+').map(Word::new);
    let first = words.next().unwrap_or_else(|| Word::new(""));
    let mut policy = FleetPolicy {
        dispatch: Sending::Rule(Dispatch::ClosestUnit),
        relocation: relocation(&first, ground)?,
        exchange: None,
        move_pause_min: ground.move_pause_min(),
    };
    words.try_for_each(|word| add(&mut policy, &word, ground))?;
    let weighs_cover = match &policy.dispatch {
        Sending::Rule(rule) => rule.weighs_cover(),
        Sending::Weighed(weighing) => weighing.weighs_cover(),
        Sending::Ahead(ahead) => ahead.base.weighs_cover(),
    };
    let counts_cover =
        matches!(policy.relocation, Relocation::Dmexclp(_) | Relocation::Redeploy(_));
    if weighs_cover && !counts_cover {
        bail!("{text}: {} counts no cover to weigh: begin with dmexclp or redeploy", first.name);
    }
    Ok(policy)
}

fn relocation(word: &Word<'_>, ground: &dyn Ground) -> anyhow::Result<Relocation> {
    let (n_units, bounds) = (ground.n_units(), ground.bounds());
    word.takes(match word.name {
        "none" => 0,
        "dmexclp" | "nested" | "list" => 1,
        _ => 2,
    })?;
    let busy = || word.number(0, BUSY);
    Ok(match word.name {
        "none" => Relocation::OwnStation,
        "dmexclp" => {
            let busy = word.number(0, BUSY_DMEXCLP)?;
            Relocation::Dmexclp(Dmexclp::new(ground.near()?, busy, n_units)?)
        }
        "redeploy" => {
            let patience = word.number(1, PATIENCE_MIN)?;
            let rule = Redeployment::new(ground.near()?, busy()?, n_units, patience, bounds)?;
            Relocation::Redeploy(rule)
        }
        "nested" => {
            let table = ComplianceTable::nested(&*ground.near()?, busy()?, n_units, bounds)?;
            Relocation::Table(table)
        }
        "multi" => {
            let (near, slack) = (ground.near()?, word.number(1, 0.0)?);
            Relocation::Table(ComplianceTable::multi(&near, busy()?, slack, n_units, bounds)?)
        }
        "list" => Relocation::List(list(word, ground.n_stations())?),
        "ddsm" => Relocation::DoubleStandard(DoubleStandard {
            near: ground.near()?,
            far: ground.far()?,
            share: word.number(0, SHARE)?,
            per_minute: word.number(1, PER_MIN_DDSM)?,
            bounds,
        }),
        _ => bail!("\"{}\" is not known. Give {KNOWN}", word.name),
    })
}

fn list(word: &Word<'_>, n_stations: usize) -> anyhow::Result<PostingList> {
    let text = word.given.first().context("stations are missing: write list:3,1,3,2")?;
    let number = |text: &str| {
        let station: usize = text.trim().parse().ok()?;
        station.checked_sub(1)
    };
    let place = |text| {
        number(text).with_context(|| format!("\"{text}\" is no station: write list:3,1,3,2"))
    };
    let stations = text.split(',').map(place).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(PostingList::new(stations, n_stations)?)
}

fn add(policy: &mut FleetPolicy, word: &Word<'_>, ground: &dyn Ground) -> anyhow::Result<()> {
    let weighed =
        |worth, per_minute, per_cover| Sending::Weighed(Weighing { worth, per_minute, per_cover });
    match word.name {
        "cover" => policy.dispatch = Sending::Rule(Dispatch::LeastCoverLost),
        "late" => {
            let (per_minute, per_cover) = (word.number(0, PER_MIN_LATE)?, word.number(1, 0.0)?);
            policy.dispatch = weighed(Worth::InTime, per_minute, per_cover);
        }
        "survival" => {
            let curve = word.given.first().copied().unwrap_or("");
            let worth = Worth::Survival(SurvivalCurves::standard().curve(curve)?);
            policy.dispatch = weighed(worth, PER_MIN_SURVIVAL, word.number(1, 0.0)?);
        }
        "exchange" => {
            let minutes_min = word.number(0, EXCHANGE_MIN)?;
            if minutes_min.is_nan() || minutes_min <= 0.0 {
                bail!("exchange:{minutes_min} is not above 0: give the least gain in minutes");
            }
            policy.exchange = Some(Exchange { minutes_min });
        }
        "rollout" => policy.dispatch = Sending::Ahead(ahead(policy, word, ground)?),
        other => bail!("\"+{other}\" is not known. Give {KNOWN}"),
    }
    Ok(())
}

/// A look ahead on top of the weighing named before it, or of lateness.
fn ahead(policy: &FleetPolicy, word: &Word<'_>, ground: &dyn Ground) -> anyhow::Result<Lookahead> {
    let base = match &policy.dispatch {
        Sending::Weighed(weighing) => weighing.clone(),
        _ => Weighing { worth: Worth::InTime, per_minute: PER_MIN_LATE, per_cover: 0.0 },
    };
    let usual = Rollout::default();
    let n_futures = word.number(0, f64::from(usual.n_futures))?;
    if !(1.0..=f64::from(FUTURES_MAX)).contains(&n_futures) {
        bail!("rollout:{n_futures} is outside 1 to {FUTURES_MAX} futures: give some, as 32");
    }
    let horizon = word.number(1, usual.horizon)?;
    if !(0.0..=HORIZON_MAX).contains(&horizon) {
        bail!("a horizon of {horizon} minutes is outside 0 to {HORIZON_MAX}: give one, as 30");
    }
    let rollout = Rollout { n_futures: n_futures as u32, horizon, ..usual };
    Ok(Lookahead { base, rollout, ground: ground.play()? })
}

const FUTURES_MAX: u32 = 10_000;
const HORIZON_MAX: f64 = 1440.0;

#[cfg(test)]
mod tests {
    use super::*;

    struct Town;

    impl Ground for Town {
        fn n_units(&self) -> usize {
            2
        }
        fn n_stations(&self) -> usize {
            3
        }
        fn near(&self) -> anyhow::Result<Arc<CoverPatterns>> {
            Ok(Arc::new(CoverPatterns::new(3, [(1.0, vec![0]), (2.0, vec![1, 2])])))
        }
        fn far(&self) -> anyhow::Result<Arc<CoverPatterns>> {
            self.near()
        }
        fn bounds(&self) -> MoveBounds {
            MoveBounds::NONE
        }
        fn move_pause_min(&self) -> f64 {
            0.0
        }
        fn play(&self) -> anyhow::Result<Arc<PlayGround>> {
            bail!("this town has no roads")
        }
    }

    #[test]
    fn a_policy_is_read_from_its_words() {
        for (text, name) in [
            ("none", "closest-unit/1 own-station/1"),
            ("dmexclp:0.4+cover", "least-cover-lost/1 dmexclp/1"),
            ("redeploy:0.1:20+late:0.1:0.01", "least-late/1 redeploy/1"),
            ("nested+late+exchange:2", "least-late/1 compliance-nested/1 exchange/1"),
            ("multi:0.3:0.1+survival:de-maio", "survival-de-maio/1 compliance-multi/1"),
            ("list:3,1", "closest-unit/1 priority-list/1"),
            ("ddsm:0.8:2", "closest-unit/1 ddsm/1"),
        ] {
            assert_eq!(read(text, &Town).map(|policy| policy.name()).unwrap(), name, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (text, said) in [
            ("noone", "\"noone\" is not known. Give where units wait: none, dmexclp"),
            ("none:1", "none takes 0 settings at most"),
            ("none+cover", "counts no cover to weigh"),
            ("dmexclp:x", "\"x\" is not a number: write dmexclp:0.5"),
            ("dmexclp:7", "busy fraction 7 is outside"),
            ("list:4", "station 4 of the list is outside 1..=3"),
            ("list:0", "\"0\" is no station"),
            ("none+survival:x", "is not one of larsen"),
            ("none+exchange:0", "is not above 0"),
            ("none+rollout:0", "rollout:0 is outside 1 to 10000 futures"),
            ("none+rollout", "this town has no roads"),
            ("none+fast", "\"+fast\" is not known"),
        ] {
            let error = read(text, &Town).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
