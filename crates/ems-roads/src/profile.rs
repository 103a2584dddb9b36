//! A profile: where a kind of driving may go, and how fast.
//!
//! A profile is a TOML file; every key is known or refused. It judges a way's tags and gives the
//! speed in each direction. The two that ship are `data/profiles/ambulance-blue-light.toml` and
//! `data/profiles/ambulance-normal.toml`. Tags follow
//! <https://wiki.openstreetmap.org/wiki/Key:access> and `Key:maxspeed`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::exception::{Exception, Exceptions};
use crate::import::complaints::Complaints;
use crate::import::osm::Tags;

/// The shipped profile for driving with lights and siren.
pub const BLUE_LIGHT: &str = include_str!("../../../data/profiles/ambulance-blue-light.toml");

/// The shipped profile for driving as everyone does.
pub const NORMAL: &str = include_str!("../../../data/profiles/ambulance-normal.toml");

/// Classes of roads by their `highway` value; `ferry` stands for `route=ferry`, which profiles set
/// apart.
pub const CLASSES: &[&str] = &[
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
    "busway",
    "emergency_bay",
    "pedestrian",
    "track",
    "footway",
    "path",
    "cycleway",
    "bridleway",
    "ferry",
];

/// Where a kind of driving may go, and how fast.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub(crate) name: String,
    vehicle: Vehicle,
    maxspeed: MaxSpeed,
    access: Access,
    pub(crate) turns: Turning,
    /// Without it no ferry is taken.
    ferry: Option<Ferry>,
    /// The greatest speed on a `surface` or `tracktype`, km/h.
    #[serde(default)]
    surfaces_kmh_max: BTreeMap<String, f64>,
    /// Speeds by road class; a class that is not named is never used.
    classes: BTreeMap<String, Class>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vehicle {
    weight_t: f64,
    height_m: f64,
    width_m: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MaxSpeed {
    /// Speed driven over speed signed.
    factor: f64,
    /// How far over the sign at most, km/h.
    excess_kmh_max: f64,
    /// Never faster than this, km/h.
    cap_kmh: f64,
    /// What `maxspeed=walk` means, km/h.
    walk_kmh: f64,
    /// What `MT:urban`, or else the part after the colon, means, km/h.
    zones_kmh: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Access {
    /// Keys that open or close a way, the last present one decides.
    keys: Vec<String>,
    /// Keys that may only open it: bus lanes.
    grants: Vec<String>,
    allowed: BTreeSet<String>,
    denied: BTreeSet<String>,
    /// Keys, and values of `allowed`, that let in this profile but not everyone.
    #[serde(default)]
    reserved: BTreeSet<String>,
    /// Values of `barrier` on a node that stop the vehicle, unless access tags on it allow.
    barriers_closed: BTreeSet<String>,
    /// `oneway:<key>=no` frees the vehicle of the one-way rule.
    oneway_exempt: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Turning {
    /// What turning round costs, seconds.
    pub(crate) u_turn_s: u32,
    /// Whether to turn round at any junction, or only where the road ends.
    pub(crate) u_turn_at_junctions: bool,
    /// Vehicles named in `except=` whose freedom this profile shares.
    pub(crate) exempt: BTreeSet<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ferry {
    /// Speed where no `duration` is mapped, km/h.
    kmh: f64,
    /// Waiting and boarding, added to each crossing, seconds.
    boarding_s: f64,
    /// Longer crossings lead out of the city and are not taken, minutes under way.
    crossing_minutes_max: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    /// Speed where no sign says otherwise, km/h.
    kmh: f64,
    /// The most that is driven whatever the sign, km/h.
    kmh_max: f64,
    /// Speed driven over speed by all other rules, learnt from what a fleet drove.
    #[serde(default = "as_ruled")]
    speed_factor: f64,
    /// Whether access tags do not close ways of this class: pedestrian streets under blue light.
    #[serde(default)]
    ignores_access: bool,
    /// What this class is an exception to: others may not drive on it.
    exception: Option<Exception>,
}

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, an unknown key, or a missing one.
    #[error("profile cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A speed class that OpenStreetMap roads do not have.
    #[error("profile class \"{class}\" is unknown: use one of {}", CLASSES.join(", "))]
    Class {
        /// The class as written.
        class: String,
    },
    /// A number that makes no sense.
    #[error("profile {key} = {value} is outside {min}..={max}: correct the profile")]
    Number {
        /// Its key.
        key: String,
        /// What was written.
        value: f64,
        /// The least that is accepted.
        min: f64,
        /// The greatest that is accepted.
        max: f64,
    },
}

/// How a way may be used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WayUse {
    /// Index in [`CLASSES`].
    pub(crate) class: u8,
    pub(crate) pace: Pace,
    pub(crate) forward: bool,
    pub(crate) backward: bool,
    /// By which exceptions it is driven forward and backward.
    pub(crate) exceptions: [Exceptions; 2],
}

/// How fast a way is driven.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// Along the way and against it, km/h.
    Speed { forward_kmh: f64, backward_kmh: f64 },
    /// The whole way in this time, milliseconds, plus boarding.
    Crossing { millis: f64 },
    /// A ferry of unknown duration: speed, boarding for the whole way, and the longest crossing
    /// that is taken, milliseconds.
    Sailing { kmh: f64, boarding_millis: f64, millis_max: f64 },
}

impl Profile {
    /// Reads and checks a profile file.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text)?;
        profile.check()?;
        Ok(profile)
    }

    /// The shipped profile for driving with lights and siren.
    ///
    /// # Panics
    /// Never: a test parses the shipped profile.
    pub fn blue_light() -> Self {
        Self::parse(BLUE_LIGHT).expect("a test parses the shipped profile")
    }

    /// The profile's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How this profile uses a way with these tags; `None` if not at all.
    pub(crate) fn judge(&self, tags: &Tags, complaints: &mut Complaints) -> Option<WayUse> {
        let name = way_class(tags)?;
        let class = u8::try_from(CLASSES.iter().position(|c| *c == name)?).ok()?;
        let (pace, exceptions) = if name == "ferry" {
            (self.sailing(tags)?, Exceptions::default())
        } else {
            self.driving(self.classes.get(name)?, tags, complaints)?
        };
        let (forward, backward) = self.directions(tags, complaints);
        let against = self.contraflow(tags).map(|is_against| {
            if is_against { exceptions.with(Exception::Contraflow) } else { exceptions }
        });
        let usage = WayUse { class, pace, forward, backward, exceptions: against };
        (forward || backward).then_some(usage)
    }

    /// Whether a node's barrier stops the vehicle.
    pub(crate) fn is_blocked_by(&self, node: &Tags) -> bool {
        let Some(barrier) = node.get("barrier") else { return false };
        if self.access.barriers_closed.contains(barrier) {
            !self.is_open(node, false)
        } else {
            !self.is_open(node, true)
        }
    }

    /// What the access tags say, or `default` where they are silent.
    fn is_open(&self, tags: &Tags, default: bool) -> bool {
        self.opening(tags, default).is_some()
    }

    /// By which exceptions the access tags let the vehicle in; `None` where they do not.
    fn opening(&self, tags: &Tags, default: bool) -> Option<Exceptions> {
        let says = |key: &String| {
            let value = tags.get(key)?;
            let allowed = self.access.allowed.contains(value);
            (allowed || self.access.denied.contains(value)).then_some((allowed, value))
        };
        match self.access.keys.iter().rev().find_map(says) {
            Some((true, _)) if self.is_open_to_all(tags, default) => Some(Exceptions::default()),
            Some((true, _)) => Some(Exceptions::default().with(Exception::Reserved)),
            None if default => Some(Exceptions::default()),
            _ => {
                let grants = &mut self.access.grants.iter();
                let is_granted = grants.any(|key| says(key).is_some_and(|(allowed, _)| allowed));
                is_granted.then(|| Exceptions::default().with(Exception::BusLane))
            }
        }
    }

    /// Whether the way would be open without the keys and values that are reserved.
    fn is_open_to_all(&self, tags: &Tags, default: bool) -> bool {
        let says = |key: &String| {
            let value = tags.get(key)?;
            let is_allowed = self.access.allowed.contains(value);
            let is_known = is_allowed || self.access.denied.contains(value);
            is_known.then(|| is_allowed && !self.access.reserved.contains(value))
        };
        let common = |key: &&String| !self.access.reserved.contains(*key);
        let mut keys = self.access.keys.iter().rev().filter(common);
        keys.find_map(says).unwrap_or(default)
    }

    fn fits(&self, tags: &Tags, complaints: &mut Complaints) -> bool {
        let limits = [
            ("maxweight", self.vehicle.weight_t),
            ("maxheight", self.vehicle.height_m),
            ("maxwidth", self.vehicle.width_m),
        ];
        limits.into_iter().all(|(key, ours)| {
            let Some(value) = tags.get(key) else { return true };
            let limit = parse_limit(value);
            if limit.is_none() && !NO_LIMIT.contains(&value) {
                complaints.add("size or weight limits that cannot be read, ignored", || {
                    format!("{key}={value}")
                });
            }
            limit.is_none_or(|limit| limit >= ours)
        })
    }

    /// Whether the way may be driven forward and backward.
    fn directions(&self, tags: &Tags, complaints: &mut Complaints) -> (bool, bool) {
        if self.is_oneway_exempt(tags) { (true, true) } else { signed_directions(tags, complaints) }
    }

    fn is_oneway_exempt(&self, tags: &Tags) -> bool {
        let is_free = |key: &String| tags.is(&format!("oneway:{key}"), "no");
        self.access.oneway_exempt.iter().any(is_free)
    }

    /// Whether driving forward, and backward, is against the one-way rule for others.
    fn contraflow(&self, tags: &Tags) -> [bool; 2] {
        if !self.is_oneway_exempt(tags) {
            return [false; 2];
        }
        // What cannot be read was complained about where it mattered.
        let (forward, backward) = signed_directions(tags, &mut Complaints::default());
        [!forward, !backward]
    }

    fn driving(
        &self,
        class: &Class,
        tags: &Tags,
        complaints: &mut Complaints,
    ) -> Option<(Pace, Exceptions)> {
        let opened = self.opening(tags, true).or(class.ignores_access.then(Exceptions::default))?;
        if !self.fits(tags, complaints) {
            return None;
        }
        let exceptions = opened.and(class.exception.into_iter().collect());
        let mut towards = |direction: &str| {
            let signed = tags.get(direction).or_else(|| tags.get("maxspeed"));
            let signed = signed.and_then(|value| self.signed_kmh(value, complaints));
            self.driven_kmh(class, signed, tags)
        };
        let pace = Pace::Speed {
            forward_kmh: towards("maxspeed:forward"),
            backward_kmh: towards("maxspeed:backward"),
        };
        Some((pace, exceptions))
    }

    fn sailing(&self, tags: &Tags) -> Option<Pace> {
        let ferry = self.ferry.as_ref().filter(|_| is_car_ferry(tags))?;
        let boarding_millis = ferry.boarding_s * 1000.0;
        let millis_max = ferry.crossing_minutes_max * 60_000.0;
        Some(match tags.get("duration").and_then(parse_duration_s) {
            Some(secs) if secs * 1000.0 > millis_max => return None,
            Some(secs) => Pace::Crossing { millis: secs * 1000.0 + boarding_millis },
            None => Pace::Sailing { kmh: ferry.kmh, boarding_millis, millis_max },
        })
    }

    fn driven_kmh(&self, class: &Class, signed: Option<f64>, tags: &Tags) -> f64 {
        let rule = &self.maxspeed;
        let wanted = match signed {
            Some(kmh) => (kmh * rule.factor).min(kmh + rule.excess_kmh_max).min(class.kmh_max),
            None => class.kmh,
        };
        let caps = ["surface", "tracktype"]
            .into_iter()
            .filter_map(|key| self.surfaces_kmh_max.get(tags.get(key)?).copied());
        let ruled = caps.fold(wanted.min(rule.cap_kmh), f64::min);
        (ruled * class.speed_factor).clamp(MIN_KMH, MAX_KMH)
    }

    /// What a `maxspeed` value says in km/h; `None` where it says nothing.
    fn signed_kmh(&self, value: &str, complaints: &mut Complaints) -> Option<f64> {
        let rule = &self.maxspeed;
        let one = |value: &str| match value.trim() {
            "none" => Some(rule.cap_kmh),
            "walk" => Some(rule.walk_kmh),
            zone if zone.contains(':') => {
                let kind = zone.rsplit(':').next().unwrap_or_default();
                let named = rule.zones_kmh.get(zone).or_else(|| rule.zones_kmh.get(kind));
                named.copied().or_else(|| kind.trim_start_matches("zone").parse().ok())
            }
            other => parse_kmh(other),
        };
        let slowest = value.split(';').filter_map(one).reduce(f64::min);
        let is_known = ["signals", "variable", "implicit"].contains(&value);
        if slowest.is_none() && !is_known {
            complaints.add("maxspeed values that cannot be read, ignored", || value.to_owned());
        }
        slowest.filter(|kmh| *kmh > 0.0)
    }

    fn check(&self) -> Result<(), ProfileError> {
        if let Some(class) =
            self.classes.keys().find(|c| !CLASSES.contains(&c.as_str()) || *c == "ferry")
        {
            return Err(ProfileError::Class { class: class.clone() });
        }
        let rule = &self.maxspeed;
        within("maxspeed.factor", rule.factor, 0.1, 3.0)?;
        within("maxspeed.excess_kmh_max", rule.excess_kmh_max, 0.0, 100.0)?;
        within("maxspeed.cap_kmh", rule.cap_kmh, MIN_KMH, MAX_KMH)?;
        within("maxspeed.walk_kmh", rule.walk_kmh, MIN_KMH, MAX_KMH)?;
        if let Some(ferry) = &self.ferry {
            within("ferry.kmh", ferry.kmh, MIN_KMH, MAX_KMH)?;
            within("ferry.boarding_s", ferry.boarding_s, 0.0, 7200.0)?;
            within("ferry.crossing_minutes_max", ferry.crossing_minutes_max, 1.0, 600.0)?;
        }
        within("turns.u_turn_s", f64::from(self.turns.u_turn_s), 0.0, 600.0)?;
        for (name, class) in &self.classes {
            within(&format!("classes.{name}.speed_factor"), class.speed_factor, 0.1, 4.0)?;
        }
        let speeds = self.classes.iter().flat_map(|(name, class)| {
            [
                (format!("classes.{name}.kmh"), class.kmh),
                (format!("classes.{name}.kmh_max"), class.kmh_max),
            ]
        });
        let zones = rule.zones_kmh.iter().map(|(k, v)| (format!("maxspeed.zones_kmh.{k}"), *v));
        let surfaces = self.surfaces_kmh_max.iter();
        let surfaces = surfaces.map(|(k, v)| (format!("surfaces_kmh_max.{k}"), *v));
        speeds.chain(zones).chain(surfaces).try_for_each(|(k, v)| within(&k, v, MIN_KMH, MAX_KMH))
    }
}

fn as_ruled() -> f64 {
    1.0
}

/// Whether a way is part of a roundabout, or of a ring that is driven like one.
pub(crate) fn is_round(tags: &Tags) -> bool {
    matches!(tags.get("junction"), Some("roundabout" | "circular"))
}

/// The directions that are open to everyone, by `oneway` and `junction`.
fn signed_directions(tags: &Tags, complaints: &mut Complaints) -> (bool, bool) {
    let is_implied = is_round(tags) || tags.is("highway", "motorway");
    match tags.get("oneway") {
        Some("yes" | "true" | "1") => (true, false),
        Some("-1" | "reverse") => (false, true),
        Some("no" | "false" | "0") => (true, true),
        None => (true, !is_implied),
        Some(value @ ("reversible" | "alternating")) => {
            complaints.add("ways whose direction changes with time, not used", || value.into());
            (false, false)
        }
        Some(value) => {
            complaints.add("oneway values that cannot be read, ignored", || value.into());
            (true, !is_implied)
        }
    }
}

/// Slower than this no way is driven, km/h: it keeps times finite.
const MIN_KMH: f64 = 1.0;

/// Faster than this no ambulance drives, km/h.
const MAX_KMH: f64 = 250.0;

/// Values of size and weight limits that say there is none.
const NO_LIMIT: &[&str] = &["none", "default", "no", "unsigned", "no_sign", "below_default"];

fn within(key: &str, value: f64, min: f64, max: f64) -> Result<(), ProfileError> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(ProfileError::Number { key: key.to_owned(), value, min, max })
    }
}

/// The class of a way: its `highway` value, or `ferry`.
pub(crate) fn way_class(tags: &Tags) -> Option<&str> {
    match tags.get("highway") {
        Some(class) => Some(class),
        None => (tags.is("route", "ferry")).then_some("ferry"),
    }
}

/// A ferry takes cars only where the map says so: most carry people on foot.
fn is_car_ferry(tags: &Tags) -> bool {
    ["motorcar", "motor_vehicle", "vehicle"]
        .into_iter()
        .find_map(|key| tags.get(key))
        .is_some_and(|value| ["yes", "designated", "permissive"].contains(&value))
}

/// A speed with its quantity: `50`, `50 km/h`, `30 mph`, `10 knots`.
fn parse_kmh(text: &str) -> Option<f64> {
    let (number, quantity) = split_quantity(text)?;
    match quantity {
        "" | "km/h" | "kmh" | "kph" => Some(number),
        "mph" => Some(number * 1.609_344),
        "knots" => Some(number * 1.852),
        _ => None,
    }
}

/// A weight in tonnes or a length in metres: `3.5`, `3.5 t`, `2.1 m`, `3500 kg`, `6'6"`.
fn parse_limit(text: &str) -> Option<f64> {
    if let Some((feet, inches)) = text.split_once('\'') {
        let inches = inches.trim().trim_end_matches('"').trim();
        let inches: f64 = if inches.is_empty() { 0.0 } else { inches.parse().ok()? };
        return Some((feet.trim().parse::<f64>().ok()? * 12.0 + inches) * 0.0254);
    }
    let (number, quantity) = split_quantity(text)?;
    match quantity {
        "" | "t" | "m" | "tonnes" => Some(number),
        "kg" => Some(number / 1000.0),
        "st" | "short tons" => Some(number * 0.907_184_74),
        "lbs" => Some(number * 0.000_453_592_37),
        "cm" => Some(number / 100.0),
        "ft" => Some(number * 0.3048),
        _ => None,
    }
}

fn split_quantity(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim()))
}

/// A duration `MM`, `HH:MM` or `HH:MM:SS`, in seconds.
fn parse_duration_s(text: &str) -> Option<f64> {
    let parts: Option<Vec<f64>> =
        text.split(':').map(|p| p.trim().parse::<u32>().ok().map(f64::from)).collect();
    match parts?.as_slice() {
        [minutes] => Some(minutes * 60.0),
        [hours, minutes] => Some(hours * 3600.0 + minutes * 60.0),
        [hours, minutes, secs] => Some(hours * 3600.0 + minutes * 60.0 + secs),
        _ => None,
    }
    .filter(|secs| (1.0..=172_800.0).contains(secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(profile: &str, pairs: &[(&str, &str)]) -> Option<WayUse> {
        let profile = Profile::parse(profile).unwrap();
        profile.judge(&Tags::of(pairs), &mut Complaints::default())
    }

    fn kmh(profile: &str, pairs: &[(&str, &str)]) -> f64 {
        match judged(profile, pairs).unwrap().pace {
            Pace::Speed { forward_kmh, .. } => forward_kmh,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_shipped_profiles_parse_and_blue_light_is_faster() {
        for tags in [[("highway", "primary")], [("highway", "residential")]] {
            assert!(kmh(BLUE_LIGHT, &tags) > kmh(NORMAL, &tags), "{tags:?}");
        }
        assert_eq!(Profile::blue_light().name(), "ambulance-blue-light");
    }

    #[test]
    fn an_unknown_key_in_a_profile_is_refused() {
        let text = BLUE_LIGHT.replace("u_turn_s", "uturn_s");
        assert!(Profile::parse(&text).unwrap_err().to_string().contains("uturn_s"));
        let text = BLUE_LIGHT.replace("[classes.primary]", "[classes.primry]");
        assert!(Profile::parse(&text).unwrap_err().to_string().contains("primry"));
    }

    #[test]
    fn a_learnt_factor_changes_whatever_speed_the_other_rules_give() {
        let slower =
            BLUE_LIGHT.replace("[classes.primary]", "[classes.primary]\nspeed_factor = 0.5");
        for tags in [
            &[("highway", "primary")][..],
            &[("highway", "primary"), ("maxspeed", "50")],
            &[("highway", "primary"), ("surface", "gravel")],
        ] {
            assert!((kmh(&slower, tags) - kmh(BLUE_LIGHT, tags) / 2.0).abs() < 1e-9, "{tags:?}");
        }
        let absurd = slower.replace("speed_factor = 0.5", "speed_factor = 9.0");
        assert_eq!(
            Profile::parse(&absurd).unwrap_err().to_string(),
            "profile classes.primary.speed_factor = 9 is outside 0.1..=4: correct the profile"
        );
    }

    #[test]
    fn access_tags_open_and_close_ways() {
        // (tags beside highway, blue light, normal)
        for (tags, blue, normal) in [
            (&[("highway", "residential")][..], true, true),
            (&[("highway", "residential"), ("access", "no")], false, false),
            (&[("highway", "service"), ("access", "private")], true, false),
            (&[("highway", "service"), ("access", "no"), ("emergency", "yes")], true, false),
            (&[("highway", "residential"), ("motor_vehicle", "no"), ("bus", "yes")], true, false),
            (&[("highway", "pedestrian")], true, false),
            (&[("highway", "steps")], false, false),
            (&[("highway", "primary"), ("maxweight", "2.5")], false, false),
            (&[("highway", "primary"), ("maxweight", "7.5 t")], true, true),
            (&[("route", "ferry")], false, false),
            (&[("route", "ferry"), ("motor_vehicle", "yes")], true, true),
            (&[("route", "ferry"), ("motor_vehicle", "yes"), ("duration", "08:00")], false, false),
        ] {
            assert_eq!(judged(BLUE_LIGHT, tags).is_some(), blue, "blue light: {tags:?}");
            assert_eq!(judged(NORMAL, tags).is_some(), normal, "normal: {tags:?}");
        }
    }

    #[test]
    fn one_way_rules_are_read() {
        let sides = |pairs: &[(&str, &str)]| {
            let way = judged(BLUE_LIGHT, pairs)?;
            Some((way.forward, way.backward))
        };
        for (tags, want) in [
            (&[("highway", "primary")][..], Some((true, true))),
            (&[("highway", "primary"), ("oneway", "yes")], Some((true, false))),
            (&[("highway", "primary"), ("oneway", "-1")], Some((false, true))),
            (&[("highway", "primary"), ("junction", "roundabout")], Some((true, false))),
            (&[("highway", "motorway")], Some((true, false))),
            (&[("highway", "motorway"), ("oneway", "no")], Some((true, true))),
            (
                &[("highway", "primary"), ("oneway", "yes"), ("oneway:emergency", "no")],
                Some((true, true)),
            ),
            (&[("highway", "primary"), ("oneway", "reversible")], None),
        ] {
            assert_eq!(sides(tags), want, "{tags:?}");
        }
    }

    #[test]
    fn signed_speeds_are_read_in_their_quantity() {
        let profile = Profile::blue_light();
        let mut complaints = Complaints::default();
        for (text, want) in [
            ("50", Some(50.0)),
            ("30 mph", Some(48.280_32)),
            ("50;80", Some(50.0)),
            ("MT:urban", Some(50.0)),
            ("DE:rural", Some(100.0)),
            ("DE:zone:30", Some(30.0)),
            ("DE:zone30", Some(30.0)),
            ("signals", None),
            ("fast", None),
        ] {
            assert_eq!(profile.signed_kmh(text, &mut complaints), want, "{text}");
        }
        assert_eq!(complaints.into_list()[0].example, "fast");
    }

    #[test]
    fn limits_and_durations_are_read_in_their_quantity() {
        assert_eq!(parse_limit("3500 kg"), Some(3.5));
        assert_eq!(parse_limit("2.1 m"), Some(2.1));
        assert!(parse_limit("6'6\"").is_some_and(|m| (m - 1.9812).abs() < 1e-9));
        assert_eq!(parse_limit("low"), None);
        assert_eq!(parse_duration_s("00:25"), Some(1500.0));
        assert_eq!(parse_duration_s("25"), Some(1500.0));
        assert_eq!(parse_duration_s("soon"), None);
    }
}
