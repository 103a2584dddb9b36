//! The numbers of a rehearsal: `data/sim/city.toml`.

use ems_model::Millis;
use serde::Deserialize;

use crate::chance::Spread;

/// A settings or mix file that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// Not TOML, or an unknown or missing key.
    #[error(
        "{file}: {source}: correct the line, or compare with the file of that name in data/sim"
    )]
    Malformed {
        /// Which file.
        file: &'static str,
        /// Where and what.
        source: toml::de::Error,
    },
    /// A number that cannot be.
    #[error("{file}: {key} must be {limit}: correct it")]
    Invalid {
        /// Which file.
        file: &'static str,
        /// Which key.
        key: String,
        /// What it may be.
        limit: &'static str,
    },
    /// A call of a list that is not in this city.
    #[error("the list of calls: {0}")]
    Calls(#[from] crate::CallFileError),
    /// A complaint for which the centre has no card.
    #[error("mix.toml: complaint \"{id}\" has no card; known are {known}: rename or remove it")]
    UnknownComplaint {
        /// The complaint.
        id: String,
        /// The cards there are.
        known: String,
    },
}

const FILE: &str = "city.toml";
/// Pieces of a wave that make up whole seconds.
const ECG_PIECES_MS: [u32; 5] = [40, 100, 200, 500, 1000];
/// The shipped dispatch policy trusts a position for 30 s.
const POSITION_S_MAX: u32 = 25;

/// How callers, crews, hospitals and devices of a rehearsal behave.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub(crate) calls: CallSettings,
    pub(crate) dispatcher: DispatcherSettings,
    pub(crate) crew: CrewSettings,
    pub(crate) fleet: FleetSettings,
    pub(crate) hospital: HospitalSettings,
    pub(crate) expert: ExpertSettings,
    pub(crate) devices: DeviceSettings,
    pub(crate) client: ClientSettings,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the keys of the file")]
pub(crate) struct CallSettings {
    pub(crate) per_hour: f64,
    pub(crate) first_hour: u8,
    pub(crate) by_hour: [f64; 24],
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DispatcherSettings {
    pub(crate) answer: Spread,
    pub(crate) question: Spread,
    pub(crate) triage: Spread,
    pub(crate) assign: Spread,
    pub(crate) again: Spread,
    pub(crate) look_again_s: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrewSettings {
    pub(crate) acknowledge: Spread,
    pub(crate) turn_out_at_station: Spread,
    pub(crate) turn_out_on_road: Spread,
    pub(crate) drive_percent_median: u32,
    pub(crate) drive_percent_p90: u32,
    pub(crate) drive_home_percent: u32,
    pub(crate) walk: Spread,
    pub(crate) assess: Spread,
    pub(crate) hand_over: Spread,
    pub(crate) clear: Spread,
    pub(crate) stand_down: Spread,
    pub(crate) shift_h: u32,
    pub(crate) position_driving_s: u32,
    pub(crate) position_waiting_s: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FleetSettings {
    pub(crate) bls: u32,
    pub(crate) als: u32,
    pub(crate) physician: u32,
    #[serde(default)]
    pub(crate) doctor_car: u32,
    #[serde(default)]
    pub(crate) drone: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HospitalSettings {
    pub(crate) acknowledge: Spread,
    pub(crate) answer: Spread,
    pub(crate) divert_percent: u32,
    pub(crate) divert_crowded_percent: u32,
    pub(crate) crowded_percent: u32,
    pub(crate) take_task: Spread,
    pub(crate) task_percent_median: u32,
    pub(crate) task_percent_p90: u32,
    pub(crate) report_s: [u32; 2],
    pub(crate) beds: u32,
    pub(crate) usual_percent: [u32; 2],
    pub(crate) wander_percent: u32,
    pub(crate) wander_h: f64,
    pub(crate) make_room_min: u32,
    pub(crate) close_doors_percent: u32,
    pub(crate) open_doors_percent: u32,
    pub(crate) closed_min: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpertSettings {
    pub(crate) answer: Spread,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceSettings {
    pub(crate) ecg_hz: u32,
    pub(crate) ecg_lead: String,
    ecg_piece_ms: u32,
    pub(crate) pressure_s: u32,
    pub(crate) temperature_s: u32,
    pub(crate) connect: Spread,
}

impl DeviceSettings {
    /// How much wave a monitor gives at a time.
    pub(crate) fn ecg_piece(&self) -> Millis {
        Millis::new(i64::from(self.ecg_piece_ms))
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientSettings {
    pub(crate) retry_ms: u32,
    pub(crate) retry_ms_max: u32,
}

impl Settings {
    /// The settings that ship with the program, `data/sim/city.toml`.
    ///
    /// # Panics
    /// Never: a test parses the shipped file.
    pub fn standard() -> Self {
        let text = include_str!("../../../data/sim/city.toml");
        Self::parse(text).expect("the shipped file parses, as a test shows")
    }

    /// Reads a file in the form of `data/sim/city.toml`; unknown keys are errors.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let settings: Self = toml::from_str(text)
            .map_err(|source| SettingsError::Malformed { file: FILE, source })?;
        settings.check()?;
        Ok(settings)
    }

    /// How often a unit reports its position, in seconds (1 or more): driving and otherwise.
    pub fn report_positions_every(&mut self, driving_s: u32, waiting_s: u32) {
        self.crew.position_driving_s = driving_s.max(1);
        self.crew.position_waiting_s = waiting_s.max(1);
    }

    /// Fits what is counted in real time to a centre whose clock runs `speed` times as fast:
    /// requests wait as long for their answer, positions come about once a real second, and waves
    /// come in longer pieces, up to a second, so that about ten come in a real second.
    pub fn at_speed(&mut self, speed: u32) {
        let speed = speed.max(1);
        let piece_ms = ECG_PIECES_MS.into_iter().find(|ms| *ms >= speed.saturating_mul(100));
        self.devices.ecg_piece_ms = piece_ms.unwrap_or(1000);
        let client = &mut self.client;
        client.retry_ms = client.retry_ms.saturating_mul(speed);
        client.retry_ms_max = client.retry_ms_max.saturating_mul(speed);
        let driving_s = self.crew.position_driving_s.max(speed.min(POSITION_S_MAX));
        let waiting_s = self.crew.position_waiting_s.max(driving_s);
        self.report_positions_every(driving_s, waiting_s);
    }

    fn check(&self) -> Result<(), SettingsError> {
        match self.rules().into_iter().find(|(_, holds, _)| !holds) {
            Some((key, _, limit)) => {
                Err(SettingsError::Invalid { file: FILE, key: key.to_owned(), limit })
            }
            None => self.check_spreads(),
        }
    }

    fn rules(&self) -> [(&'static str, bool, &'static str); 18] {
        let (calls, crew, hospital) = (&self.calls, &self.crew, &self.hospital);
        let devices = &self.devices;
        let weights = &calls.by_hour;
        let is_weighted = weights.iter().all(|w| *w >= 0.0) && weights.iter().sum::<f64>() > 0.0;
        let fleet = [self.fleet.bls, self.fleet.als, self.fleet.physician];
        let percents = [hospital.divert_percent, hospital.divert_crowded_percent];
        let drive = crew.drive_percent_median..=crew.drive_percent_p90;
        let task = hospital.task_percent_median..=hospital.task_percent_p90;
        let [report_min, report_max] = hospital.report_s;
        let [usual_min, usual_max] = hospital.usual_percent;
        let client = &self.client;
        [
            ("calls.per_hour", (0.0..=10_000.0).contains(&calls.per_hour), "0..=10000"),
            ("calls.first_hour", calls.first_hour < 24, "0..=23"),
            ("calls.by_hour", is_weighted, "24 numbers, none negative, not all zero"),
            ("dispatcher.look_again_s", self.dispatcher.look_again_s > 0, "1 or more"),
            ("fleet", fleet.iter().any(|n| *n > 0), "more than zero of some kind of ambulance"),
            ("crew.drive_percent_*", *drive.start() > 0 && !drive.is_empty(), "0 < median <= p90"),
            ("crew.position_driving_s", crew.position_driving_s > 0, "1 or more"),
            ("crew.position_waiting_s", crew.position_waiting_s > 0, "1 or more"),
            ("hospital.divert*_percent", percents.iter().all(|p| *p <= 100), "0..=100"),
            ("hospital.task_percent_*", *task.start() > 0 && !task.is_empty(), "0 < median <= p90"),
            (
                "hospital.report_s",
                0 < report_min && report_min <= report_max,
                "0 < first <= second",
            ),
            ("hospital.usual_percent", usual_min <= usual_max, "first <= second"),
            ("hospital.wander_h", hospital.wander_h > 0.0, "more than 0"),
            ("hospital.make_room_min", hospital.make_room_min > 0, "1 or more"),
            (
                "devices.ecg_piece_ms",
                ECG_PIECES_MS.contains(&devices.ecg_piece_ms),
                "40, 100, 200, 500 or 1000",
            ),
            ("devices.ecg_hz", (100..=1000).contains(&devices.ecg_hz), "100..=1000"),
            ("devices.*_s", devices.pressure_s > 0 && devices.temperature_s > 0, "1 or more"),
            (
                "client.retry_ms",
                0 < client.retry_ms && client.retry_ms <= client.retry_ms_max,
                "0 < retry_ms <= retry_ms_max",
            ),
        ]
    }

    fn check_spreads(&self) -> Result<(), SettingsError> {
        let (desk, crew, hospital) = (&self.dispatcher, &self.crew, &self.hospital);
        let spreads = [
            ("dispatcher.answer", desk.answer),
            ("dispatcher.question", desk.question),
            ("dispatcher.triage", desk.triage),
            ("dispatcher.assign", desk.assign),
            ("dispatcher.again", desk.again),
            ("crew.acknowledge", crew.acknowledge),
            ("crew.turn_out_at_station", crew.turn_out_at_station),
            ("crew.turn_out_on_road", crew.turn_out_on_road),
            ("crew.walk", crew.walk),
            ("crew.assess", crew.assess),
            ("crew.hand_over", crew.hand_over),
            ("crew.clear", crew.clear),
            ("crew.stand_down", crew.stand_down),
            ("hospital.acknowledge", hospital.acknowledge),
            ("hospital.answer", hospital.answer),
            ("hospital.take_task", hospital.take_task),
            ("expert.answer", self.expert.answer),
            ("devices.connect", self.devices.connect),
        ];
        match spreads.into_iter().find(|(_, spread)| !spread.is_valid()) {
            Some((key, _)) => Err(SettingsError::Invalid {
                file: FILE,
                key: key.to_owned(),
                limit: "0 < median_s <= p90_s <= 86400",
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_settings_parse() {
        assert_eq!(Settings::standard().fleet.als, 8);
    }

    #[test]
    fn a_fast_clock_leaves_the_same_real_time_for_answers() {
        let mut settings = Settings::standard();
        settings.at_speed(20);
        assert_eq!(settings.client.retry_ms, 30_000);
        assert_eq!(settings.crew.position_driving_s, 20);
        assert_eq!(settings.devices.ecg_piece_ms, 1000);
        settings.at_speed(1);
        assert_eq!(settings.crew.position_waiting_s, 20);
        assert_eq!(settings.devices.ecg_piece_ms, 100);
    }

    #[test]
    fn a_wrong_number_or_key_is_named_with_its_limit() {
        let text = include_str!("../../../data/sim/city.toml");
        for (from, to, message) in [
            (
                "first_hour = 8",
                "first_hour = 24",
                "city.toml: calls.first_hour must be 0..=23: correct it",
            ),
            (
                "median_s = 75, p90_s = 180",
                "median_s = 75, p90_s = 18",
                "city.toml: crew.walk must be 0 < median_s <= p90_s <= 86400: correct it",
            ),
        ] {
            let error = Settings::parse(&text.replace(from, to)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
        let error = Settings::parse(&text.replace("beds = 24", "bedz = 24")).unwrap_err();
        assert!(error.to_string().contains("bedz"), "{error}");
    }
}
