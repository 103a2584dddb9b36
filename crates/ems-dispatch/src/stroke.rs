//! Where a patient with a suspected stroke has the best chance: at the nearest thrombolysis, from
//! there on to thrombectomy ("drip and ship"), or straight at thrombectomy ("mothership").

use ems_model::{HospitalId, Millis, RaceItems};
use serde::Deserialize;

use crate::text::{Source, check_name, check_texts, mins};

/// The Rapid Arterial oCclusion Evaluation, 0..=9: five signs, scored on scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Race(u8);

impl Race {
    /// A score; `None` above 9.
    pub fn new(score: u8) -> Option<Self> {
        (score <= 9).then_some(Self(score))
    }

    /// The score.
    pub fn get(self) -> u8 {
        self.0
    }

    /// The score of the signs that were looked at, and those that were not; points above an item's
    /// highest count as that.
    pub fn of(items: &RaceItems) -> (Self, Vec<String>) {
        let items = items.items();
        let points = items.iter().filter_map(|(_, points, most)| Some((*points)?.min(*most)));
        let missing = items.iter().filter(|(_, points, _)| points.is_none());
        (Self(points.sum()), missing.map(|(name, ..)| (*name).to_owned()).collect())
    }
}

/// Chances after an ischaemic stroke, from one TOML file: `data/dispatch/destination/stroke.toml`,
/// which explains each figure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrokeModel {
    /// Its name with its version.
    pub name: String,
    /// From this score on a large vessel occlusion is told as likely, 1..=9.
    pub race_positive: u8,
    /// Ways whose chances differ by less count as equal, percent, 0..=10.
    pub equal_within_percent: f64,
    nihss: NihssOfRace,
    occlusion: Occlusion,
    thrombolysis: Thrombolysis,
    thrombectomy: Thrombectomy,
    /// Where its figures come from.
    pub sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct NihssOfRace {
    at_zero: f64,
    intercept: f64,
    per_point: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Occlusion {
    intercept: f64,
    per_point: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Thrombolysis {
    #[serde(rename = "limit_min", deserialize_with = "mins")]
    limit: Millis,
    constant: f64,
    linear: f64,
    square: f64,
    odds_ratio_at_onset: f64,
    odds_ratio_per_min: f64,
    #[serde(rename = "door_to_needle_min", deserialize_with = "mins")]
    door_to_needle: Millis,
    #[serde(rename = "door_to_needle_comprehensive_min", deserialize_with = "mins")]
    door_to_needle_comprehensive: Millis,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Thrombectomy {
    #[serde(rename = "limit_min", deserialize_with = "mins")]
    limit: Millis,
    #[serde(rename = "late_limit_min", deserialize_with = "mins")]
    late_limit: Millis,
    opened: f64,
    per_nihss: f64,
    per_nihss_min: f64,
    #[serde(rename = "door_to_puncture_min", deserialize_with = "mins")]
    door_to_puncture: Millis,
    #[serde(rename = "door_to_puncture_transferred_min", deserialize_with = "mins")]
    door_to_puncture_transferred: Millis,
    #[serde(rename = "needle_to_departure_min", deserialize_with = "mins")]
    needle_to_departure: Millis,
}

/// What is known of the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrokeCase {
    /// The score on scene.
    pub race: Race,
    /// From when the patient was last known well until the unit leaves the scene.
    pub since_onset: Millis,
}

/// A hospital that treats strokes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrokeCentre {
    /// Which.
    pub hospital: HospitalId,
    /// The drive from the scene.
    pub drive: Millis,
    /// Whether it opens vessels, too; otherwise it gives thrombolysis alone.
    pub has_thrombectomy: bool,
}

/// One way through the hospitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StrokePath {
    /// To a hospital that gives thrombolysis, and no farther.
    Thrombolysis(HospitalId),
    /// There, and on to one that opens vessels.
    DripAndShip {
        /// Where thrombolysis is given.
        first: HospitalId,
        /// Where the vessel is opened.
        then: HospitalId,
    },
    /// Straight to a hospital that does both.
    Mothership(HospitalId),
}

impl StrokePath {
    /// Where the ambulance drives first.
    pub fn first(&self) -> &HospitalId {
        match self {
            Self::Thrombolysis(first)
            | Self::DripAndShip { first, .. }
            | Self::Mothership(first) => first,
        }
    }
}

/// A way, when its treatments begin and what may be hoped for.
#[derive(Debug, Clone, PartialEq)]
pub struct StrokeOutlook {
    /// The way.
    pub path: StrokePath,
    /// The drive from the scene to its first hospital.
    pub drive: Millis,
    /// From onset to thrombolysis; `None` past its limit.
    pub onset_to_needle: Option<Millis>,
    /// From onset to groin puncture; `None` past its limit or where the way does not lead to one.
    pub onset_to_puncture: Option<Millis>,
    /// The chance of living on without needing help (modified Rankin Scale 0 to 2), 0..=1.
    pub chance: f64,
}

impl StrokeModel {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_texts([], &self.sources)?;
        check_name(&self.name)?;
        within("race_positive", f64::from(self.race_positive), 1.0, 9.0)?;
        within("equal_within_percent", self.equal_within_percent, 0.0, 10.0)?;
        within("opened", self.thrombectomy.opened, 0.0, 1.0)?;
        (0..=9).map(Race).try_for_each(|race| self.check_chances(race))
    }

    /// At each score every chance is one, from onset to the limits.
    fn check_chances(&self, race: Race) -> Result<(), String> {
        let nihss = self.nihss(race);
        let chance = |what: &str, value: f64, high: f64| {
            within(&format!("{what} at RACE {}", race.0), value, 0.0, high)
        };
        chance("the share of occlusions", self.occlusion(race), 1.0)?;
        chance("the chance without treatment", self.untreated(nihss), 0.999)?;
        for needle in [Millis::ZERO, self.thrombolysis.limit] {
            chance("the chance by thrombolysis", self.with_needle(nihss, Some(needle)), 1.0)?;
        }
        for puncture in [Millis::ZERO, self.thrombectomy.limit] {
            chance("the chance by thrombectomy", self.with_puncture(nihss, puncture), 1.0)?;
        }
        Ok(())
    }

    /// Whether the score says that a large vessel occlusion is likely.
    pub fn is_positive(&self, race: Race) -> bool {
        race.0 >= self.race_positive
    }

    /// From onset to groin puncture at most.
    pub(crate) fn puncture_limit(&self) -> Millis {
        self.thrombectomy.limit
    }

    /// Whether thrombectomy may help so long after onset, but no chance can be told.
    pub(crate) fn is_late(&self, since_onset: Millis) -> bool {
        (self.thrombectomy.limit..=self.thrombectomy.late_limit).contains(&since_onset)
    }

    /// The share of ischaemic strokes of that score with a large vessel occlusion, 0..=1.
    pub fn occlusion(&self, race: Race) -> f64 {
        let log_odds = self.occlusion.intercept + self.occlusion.per_point * f64::from(race.0);
        1.0 / (1.0 + (-log_odds).exp())
    }

    /// Every way through `centres`, the best chance first; `transfer` is the drive between two of
    /// them, `None` where no road leads. Ways that count as equal to the best stand by their drive.
    /// Cost: the product of hospitals without and with thrombectomy.
    pub fn outlooks(
        &self,
        case: StrokeCase,
        centres: &[StrokeCentre],
        transfer: impl Fn(&HospitalId, &HospitalId) -> Option<Millis>,
    ) -> Vec<StrokeOutlook> {
        let mut outlooks = Vec::new();
        for centre in centres {
            if centre.has_thrombectomy {
                outlooks.push(self.mothership(case, centre));
                continue;
            }
            outlooks.push(self.thrombolysis(case, centre));
            for then in centres.iter().filter(|other| other.has_thrombectomy) {
                let drive = transfer(&centre.hospital, &then.hospital);
                outlooks.extend(drive.and_then(|on| self.drip_and_ship(case, centre, then, on)));
            }
        }
        self.sort(&mut outlooks);
        outlooks
    }

    fn sort(&self, outlooks: &mut [StrokeOutlook]) {
        let best = outlooks.iter().map(|outlook| outlook.chance).fold(0.0, f64::max);
        let equal_from = best - self.equal_within_percent / 100.0;
        outlooks.sort_by(|a, b| {
            let is_behind = |outlook: &StrokeOutlook| outlook.chance < equal_from;
            match (is_behind(a), is_behind(b)) {
                (false, false) => a.drive.cmp(&b.drive).then(b.chance.total_cmp(&a.chance)),
                (true, true) => b.chance.total_cmp(&a.chance).then(a.drive.cmp(&b.drive)),
                (a, b) => a.cmp(&b),
            }
        });
    }

    fn thrombolysis(&self, case: StrokeCase, centre: &StrokeCentre) -> StrokeOutlook {
        let needle = case.since_onset + centre.drive + self.thrombolysis.door_to_needle;
        let path = StrokePath::Thrombolysis(centre.hospital.clone());
        self.outlook(case.race, path, centre.drive, needle, None)
    }

    fn mothership(&self, case: StrokeCase, centre: &StrokeCentre) -> StrokeOutlook {
        let door = case.since_onset + centre.drive;
        let needle = door + self.thrombolysis.door_to_needle_comprehensive;
        let puncture = Some(door + self.thrombectomy.door_to_puncture);
        let path = StrokePath::Mothership(centre.hospital.clone());
        self.outlook(case.race, path, centre.drive, needle, puncture)
    }

    /// `None` where the transfer comes too late for thrombectomy.
    fn drip_and_ship(
        &self,
        case: StrokeCase,
        first: &StrokeCentre,
        then: &StrokeCentre,
        transfer: Millis,
    ) -> Option<StrokeOutlook> {
        let needle = case.since_onset + first.drive + self.thrombolysis.door_to_needle;
        let arrival = needle + self.thrombectomy.needle_to_departure + transfer;
        let puncture = arrival + self.thrombectomy.door_to_puncture_transferred;
        let path =
            StrokePath::DripAndShip { first: first.hospital.clone(), then: then.hospital.clone() };
        (puncture <= self.thrombectomy.limit)
            .then(|| self.outlook(case.race, path, first.drive, needle, Some(puncture)))
    }

    fn outlook(
        &self,
        race: Race,
        path: StrokePath,
        drive: Millis,
        needle: Millis,
        puncture: Option<Millis>,
    ) -> StrokeOutlook {
        let onset_to_needle = Some(needle).filter(|&needle| needle <= self.thrombolysis.limit);
        let onset_to_puncture = puncture.filter(|&puncture| puncture <= self.thrombectomy.limit);
        let chance = self.chance(race, onset_to_needle, onset_to_puncture);
        StrokeOutlook { path, drive, onset_to_needle, onset_to_puncture, chance }
    }

    /// Only an opened occlusion does better than thrombolysis alone, and never worse.
    fn chance(&self, race: Race, needle: Option<Millis>, puncture: Option<Millis>) -> f64 {
        let nihss = self.nihss(race);
        let without = self.with_needle(nihss, needle);
        let Some(puncture) = puncture else { return without };
        let opened = self.occlusion(race) * self.thrombectomy.opened;
        opened * self.with_puncture(nihss, puncture).max(without) + (1.0 - opened) * without
    }

    fn nihss(&self, race: Race) -> f64 {
        match race.0 {
            0 => self.nihss.at_zero,
            score => self.nihss.intercept + self.nihss.per_point * f64::from(score),
        }
    }

    fn untreated(&self, nihss: f64) -> f64 {
        let Thrombolysis { constant, linear, square, .. } = self.thrombolysis;
        constant + linear * nihss + square * nihss * nihss
    }

    fn with_needle(&self, nihss: f64, needle: Option<Millis>) -> f64 {
        let untreated = self.untreated(nihss);
        let Some(needle) = needle else { return untreated };
        let Thrombolysis { odds_ratio_at_onset, odds_ratio_per_min, .. } = self.thrombolysis;
        let odds = untreated / (1.0 - untreated)
            * (odds_ratio_at_onset + odds_ratio_per_min * minutes(needle));
        odds / (1.0 + odds)
    }

    fn with_puncture(&self, nihss: f64, puncture: Millis) -> f64 {
        let Thrombectomy { per_nihss, per_nihss_min, .. } = self.thrombectomy;
        (nihss * (per_nihss + per_nihss_min * minutes(puncture))).exp()
    }
}

fn minutes(span: Millis) -> f64 {
    span.as_secs_f64() / 60.0
}

fn within(what: &str, value: f64, low: f64, high: f64) -> Result<(), String> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(format!("{what} is {value}, outside {low}..={high}: correct the figures"))
}
