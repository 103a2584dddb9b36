//! Calls drawn as a JEMSS `gen_config.xml` says, by a seed.

use rand_pcg::Pcg64Mcg;
use roxmltree::Node;

use super::call::Call;
use super::config::{ConfigError, child, parse};
use super::draw::{Draw, KNOWN};
use super::raster::Raster;
use super::table::NamedFile;
use crate::chance::{Purpose, share, stream};

/// How calls are drawn.
#[derive(Debug, Clone)]
pub struct CallLaws {
    interarrival: Draw,
    priority: Draw,
    dispatch_delay: Draw,
    on_scene: Draw,
    transport: Draw,
    handover: Draw,
}

impl CallLaws {
    /// Reads `<callDistributions>`. Seeds that stand there are not used.
    pub fn parse(file: &NamedFile) -> Result<Self, ConfigError> {
        let document = parse(file)?;
        let sim = child(file, document.root_element(), "sim")?;
        let laws = child(file, sim, "callDistributions")?;
        let law = |name| read_law(file, laws, name);
        Ok(Self {
            interarrival: law(INTERARRIVAL)?,
            priority: law("priority")?,
            dispatch_delay: law("dispatchDelay")?,
            on_scene: law("onSceneDuration")?,
            transport: law("transport")?,
            handover: law("handoverDuration")?,
        })
    }
}

/// The law without which time would stand still.
const INTERARRIVAL: &str = "interarrivalTime";

fn read_law(file: &NamedFile, laws: Node<'_, '_>, name: &str) -> Result<Draw, ConfigError> {
    let node = child(file, laws, name)?;
    let text = node.text().unwrap_or("");
    let fits = |law: &Draw| name != INTERARRIVAL || law.is_ever_positive();
    Draw::parse(text).filter(fits).ok_or_else(|| ConfigError::Value {
        file: file.name.clone(),
        line: node.document().text_pos_at(node.range().start).row,
        element: name.to_owned(),
        value: text.trim().chars().take(40).collect(),
        wanted: KNOWN.to_owned(),
    })
}

/// Calls from time 0 on, without end: the same for the same seed. Each quantity has a stream of
/// chance of its own, so that a change of one law leaves the others' draws alone.
#[derive(Debug, Clone)]
pub struct DrawnCalls<'a> {
    laws: &'a CallLaws,
    raster: &'a Raster,
    n_ranks: u8,
    time: f64,
    index: u64,
    streams: [Pcg64Mcg; 7],
}

impl<'a> DrawnCalls<'a> {
    /// Calls over the demand of a raster, of the priorities 1 to `n_ranks`.
    pub fn new(laws: &'a CallLaws, raster: &'a Raster, n_ranks: usize, seed: u64) -> Self {
        let stream = |idx: usize| stream(seed, Purpose::FleetCall, idx as u64);
        let n_ranks = u8::try_from(n_ranks).expect("priorities are at most fifteen");
        Self { laws, raster, n_ranks, time: 0.0, index: 0, streams: std::array::from_fn(stream) }
    }
}

impl Iterator for DrawnCalls<'_> {
    type Item = Call;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast beyond the ranks stops at their ends"
    )]
    fn next(&mut self) -> Option<Call> {
        let [gap, rank, delay, scene, taken, handover, place] = &mut self.streams;
        let laws = self.laws;
        // A normal law may draw below zero, a length of time may not.
        let length = |law: &Draw, rng: &mut Pcg64Mcg| law.draw(rng).max(0.0);
        self.time += length(&laws.interarrival, gap);
        self.index += 1;
        let handover = length(&laws.handover, handover);
        let is_taken = laws.transport.draw(taken) >= 0.5;
        Some(Call {
            index: self.index,
            rank: (laws.priority.draw(rank) as u8).clamp(1, self.n_ranks),
            degrees: self.raster.place([share(place), share(place), share(place)]),
            arrival: self.time,
            dispatch_delay: length(&laws.dispatch_delay, delay),
            on_scene: length(&laws.on_scene, scene),
            handover: is_taken.then_some(handover),
            hospital: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "<genConfig><sim><callDistributions>\n\
        <interarrivalTime seed=\"1\">Exponential(1/100)</interarrivalTime>\n\
        <priority>Categorical([0.5, 0, 0.5])</priority>\n\
        <dispatchDelay>Normal(0.001, 0)</dispatchDelay>\n\
        <onSceneDuration>Exponential(0.01)</onSceneDuration>\n\
        <transport>Bernoulli(0.8)</transport>\n\
        <handoverDuration>Exponential(0.005)</handoverDuration>\n\
        </callDistributions></sim></genConfig>";

    fn raster() -> Raster {
        let text = "# dx=0.5 dy=0.25 x0=10 y0=50\nix,iy,z\n0,0,1\n3,2,3\n";
        Raster::read(&NamedFile::new("raster", text.as_bytes())).unwrap()
    }

    #[test]
    fn a_seed_gives_its_calls_and_their_laws_are_kept() {
        let laws = CallLaws::parse(&NamedFile::new("gen", CONFIG.as_bytes())).unwrap();
        let raster = raster();
        let calls =
            |seed| DrawnCalls::new(&laws, &raster, 3, seed).take(20_000).collect::<Vec<_>>();
        let some = calls(1);
        assert_eq!(some, calls(1));
        assert_ne!(some, calls(2));
        assert!((some[19_999].arrival - 200.0).abs() < 5.0, "{}", some[19_999].arrival);
        let share = |is: fn(&Call) -> bool| some.iter().filter(|call| is(call)).count();
        assert!((9_700..10_300).contains(&share(|call| call.rank == 3)));
        assert_eq!(share(|call| call.rank == 2), 0);
        assert!((15_700..16_300).contains(&share(|call| call.handover.is_some())));
        let far = |call: &Call| {
            let [x, y] = call.degrees;
            (11.5..12.0).contains(&x) && (49.25..49.5).contains(&y)
        };
        let near = |call: &Call| {
            let [x, y] = call.degrees;
            (10.0..10.5).contains(&x) && (49.75..50.0).contains(&y)
        };
        let (n_far, n_near) =
            (some.iter().filter(|c| far(c)).count(), some.iter().filter(|c| near(c)).count());
        assert_eq!(n_far + n_near, 20_000);
        assert!((14_700..15_300).contains(&n_far), "{n_far}");
    }

    #[test]
    fn a_law_that_is_none_is_told_with_its_line() {
        for (law, with, text) in [
            (
                "Bernoulli(0.8)",
                "Zipf(2)",
                "gen line 6: <transport> \"Zipf(2)\" is not a distribution",
            ),
            (
                "Exponential(1/100)",
                "0",
                "gen line 2: <interarrivalTime> \"0\" is not a distribution",
            ),
        ] {
            let config = CONFIG.replace(law, with);
            let error = CallLaws::parse(&NamedFile::new("gen", config.as_bytes())).unwrap_err();
            assert!(error.to_string().starts_with(text), "{error}");
        }
    }
}
