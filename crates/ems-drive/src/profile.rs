//! What links there are, and what is sent.

use ems_model::Micros;
use ems_netem::{Drive, Interruption, InterruptionKind, LinkConfig, Loss, Steps};
use ems_uplink::Class;
use serde::Deserialize;

/// Links and flows, as a TOML file names them. Unknown keys are errors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The links, at most 8, in the order of their numbers.
    pub link: Vec<LinkProfile>,
    /// What is sent.
    pub flow: Vec<Flow>,
}

/// A link: its rate by a trace or by hand, the rest by hand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkProfile {
    /// The network of the trace whose rate it has.
    pub network: Option<String>,
    /// Its rate, where no trace tells it.
    pub rate_kbps: Option<u64>,
    /// The part of the traced rate that it has: 1 where it is left out.
    pub rate_share: Option<f64>,
    /// How long a packet travels one way.
    pub delay_ms: f64,
    /// By how much that varies up and down.
    #[serde(default)]
    pub jitter_ms: f64,
    /// The share of packets that are lost.
    #[serde(default)]
    pub loss: f64,
    /// What may wait in it, in kB: 250 where it is left out.
    pub queue_kb: Option<usize>,
    /// The rate of the way back: 5,000 kbit/s where it is left out.
    pub back_kbps: Option<u64>,
    /// When it swallows packets, both ways.
    #[serde(default)]
    pub blackout: Vec<Pause>,
    /// When it holds packets up, both ways.
    #[serde(default)]
    pub handover: Vec<Pause>,
}

/// A stretch of time, in seconds since the start.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// From when.
    pub from_s: f64,
    /// Until when.
    pub to_s: f64,
}

/// Frames of one class.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// The class, by its name.
    pub class: String,
    /// The length of a frame: 8 to 1,048,576.
    pub frame_bytes: usize,
    /// How many frames a second; as many as go where it is left out.
    pub per_second: Option<f64>,
    /// From when, in seconds since the start.
    #[serde(default)]
    pub from_s: f64,
    /// Until when; to the end where it is left out.
    pub to_s: Option<f64>,
}

/// A profile that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProfileError {
    /// Not a profile.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// Too many links, or none.
    #[error("{n_links} links are outside 1..=8")]
    Links {
        /// How many.
        n_links: usize,
    },
    /// A link has no rate, or two.
    #[error("link {idx} has no rate or two: give either network or rate_kbps")]
    Rate {
        /// Its place, from 0.
        idx: usize,
    },
    /// A network that the trace does not have.
    #[error("the trace has no network \"{name}\", but {known}")]
    Network {
        /// Its name.
        name: String,
        /// Those that it has.
        known: String,
    },
    /// A class that is none.
    #[error("\"{name}\" is not a class: take one of {known}")]
    Class {
        /// Its name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A number out of its range.
    #[error("{what} {value} is outside {range}")]
    Range {
        /// Which.
        what: &'static str,
        /// The number.
        value: f64,
        /// Its range.
        range: &'static str,
    },
}

impl Profile {
    /// Reads a profile.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text)?;
        let n_links = profile.link.len();
        if !(1..=8).contains(&n_links) {
            return Err(ProfileError::Links { n_links });
        }
        profile.link.iter().enumerate().try_for_each(|(idx, link)| link.check(idx))?;
        profile.flow.iter().try_for_each(Flow::check)?;
        Ok(profile)
    }
}

impl LinkProfile {
    fn check(&self, idx: usize) -> Result<(), ProfileError> {
        if self.network.is_some() == self.rate_kbps.is_some() {
            return Err(ProfileError::Rate { idx });
        }
        within("delay_ms", self.delay_ms, 0.0, 60_000.0, "0..=60000")?;
        within("jitter_ms", self.jitter_ms, 0.0, 60_000.0, "0..=60000")?;
        within("loss", self.loss, 0.0, 1.0, "0..=1")?;
        within("rate_share", self.rate_share.unwrap_or(1.0), 0.0, 1000.0, "0..=1000")?;
        let pauses = self.blackout.iter().chain(&self.handover);
        pauses.flat_map(|pause| [pause.from_s, pause.to_s]).try_for_each(second)
    }

    /// The link there, along a drive where one tells its rate.
    pub fn forth(&self, drive: Option<&Drive>) -> Result<LinkConfig, ProfileError> {
        let rate_bps = match (&self.network, self.rate_kbps) {
            (Some(name), _) => self.traced(name, drive)?,
            (None, kbps) => Steps::constant(kbps.unwrap_or(0).saturating_mul(1000)),
        };
        Ok(self.config(rate_bps))
    }

    /// The link back.
    pub fn back(&self) -> LinkConfig {
        self.config(Steps::constant(self.back_kbps.unwrap_or(5_000).saturating_mul(1000)))
    }

    fn traced(&self, name: &str, drive: Option<&Drive>) -> Result<Steps<u64>, ProfileError> {
        let networks = drive.map_or(&[][..], |drive| &drive.networks);
        let found = networks.iter().find(|network| network.name == name);
        let found = found.ok_or_else(|| {
            let known: Vec<_> = networks.iter().map(|network| network.name.as_str()).collect();
            ProfileError::Network { name: name.to_owned(), known: known.join(", ") }
        })?;
        let share = self.rate_share.unwrap_or(1.0);
        let steps = found.rate_bps.iter().map(|(at, rate)| (at, scaled(rate, share))).collect();
        Ok(Steps::new(steps).expect("the steps of a trace are in order"))
    }

    fn config(&self, rate_bps: Steps<u64>) -> LinkConfig {
        let pauses = |pauses: &[Pause], kind| {
            let pause = move |pause: &Pause| Interruption {
                from: seconds(pause.from_s),
                to: seconds(pause.to_s),
                kind,
            };
            pauses.iter().map(pause).collect::<Vec<_>>()
        };
        let mut interruptions = pauses(&self.blackout, InterruptionKind::Blackout);
        interruptions.extend(pauses(&self.handover, InterruptionKind::Handover));
        LinkConfig {
            rate_bps,
            delay: Steps::constant(seconds(self.delay_ms / 1000.0)),
            jitter: seconds(self.jitter_ms / 1000.0),
            overtakes: false,
            loss: Loss::Single(self.loss),
            queue_bytes_max: self.queue_kb.unwrap_or(250).saturating_mul(1000),
            interruptions,
        }
    }
}

impl Flow {
    /// Its class.
    pub fn class(&self) -> Result<Class, ProfileError> {
        Class::by_name(&self.class).ok_or_else(|| {
            let known = Class::ALL.map(Class::name).join(", ");
            ProfileError::Class { name: self.class.clone(), known }
        })
    }

    fn check(&self) -> Result<(), ProfileError> {
        self.class()?;
        #[expect(clippy::cast_precision_loss, reason = "a length that is refused may be rounded")]
        within("frame_bytes", self.frame_bytes as f64, 8.0, 1_048_576.0, "8..=1048576")?;
        within("per_second", self.per_second.unwrap_or(1.0), 0.001, 1e5, "0.001..=100000")?;
        [Some(self.from_s), self.to_s].into_iter().flatten().try_for_each(second)
    }
}

fn second(value: f64) -> Result<(), ProfileError> {
    within("a time in seconds", value, 0.0, 1e6, "0..=1000000")
}

fn within(
    what: &'static str,
    value: f64,
    min: f64,
    max: f64,
    range: &'static str,
) -> Result<(), ProfileError> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(ProfileError::Range { what, value, range })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 1e6 s")]
pub(crate) fn seconds(seconds: f64) -> Micros {
    Micros::new((seconds * 1e6).round() as i64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "rates stay below 2^52 bit/s, shares are positive"
)]
fn scaled(rate: u64, share: f64) -> u64 {
    (rate as f64 * share) as u64
}
