//! Steps of a route in words.

use clap::ValueEnum;
use ems_model::Millis;
use ems_roads::{Bend, Exception, Exceptions, Maneuver, Step};

/// A language that routes are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English.
    En,
    /// Chinese as written in mainland China.
    Zh,
}

/// On which side of the last road the place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    Left,
    Right,
    On,
}

/// What a driver does at a step.
pub(crate) fn step(step: &Step, beside: Beside, language: Language) -> String {
    let told = match language {
        Language::En => english(step, beside),
        Language::Zh => chinese(step, beside),
    };
    match exceptions(step.exceptions, language) {
        names if names.is_empty() => told,
        names => format!("{told} [{names}]"),
    }
}

/// Where others may not drive.
fn exceptions(all: Exceptions, language: Language) -> String {
    let name = |exception| match (exception, language) {
        (Exception::BusLane, Language::En) => "bus lane",
        (Exception::Reserved, Language::En) => "reserved road",
        (Exception::PedestrianArea, Language::En) => "pedestrian area, walking pace",
        (Exception::Contraflow, Language::En) => "against the one-way rule",
        (Exception::BusLane, Language::Zh) => "公交专用道",
        (Exception::Reserved, Language::Zh) => "专用道路",
        (Exception::PedestrianArea, Language::Zh) => "步行区，步行速度",
        (Exception::Contraflow, Language::Zh) => "逆行",
    };
    let names: Vec<&str> = all.iter().map(name).collect();
    names.join(if language == Language::En { "; " } else { "；" })
}

/// What a program reads in place of their names.
pub(crate) fn exception_codes(all: Exceptions) -> Vec<&'static str> {
    let code = |exception| match exception {
        Exception::BusLane => "bus-lane",
        Exception::Reserved => "reserved",
        Exception::PedestrianArea => "pedestrian-area",
        Exception::Contraflow => "contraflow",
    };
    all.iter().map(code).collect()
}

fn english(step: &Step, beside: Beside) -> String {
    let along = |word: &str| match &step.street {
        Some(street) => format!(" {word} {street}"),
        None => String::new(),
    };
    match step.maneuver {
        Maneuver::Depart { bearing } => {
            format!("Depart {}{}", COMPASS_EN[eighth(bearing)], along("on"))
        }
        Maneuver::Continue => format!("Continue{}", along("on")),
        Maneuver::Turn(Bend::Straight) => format!("Go straight on{}", along("on")),
        Maneuver::Turn(bend) => format!("Turn {}{}", BENDS_EN[bend as usize], along("onto")),
        Maneuver::Roundabout { exit: Some(exit) } => {
            format!("At the roundabout take the {} exit{}", ordinal(exit), along("onto"))
        }
        Maneuver::Roundabout { exit: None } => format!("Enter the roundabout{}", along("on")),
        Maneuver::TurnRound => format!("Turn round{}", along("on")),
        Maneuver::Board => format!("Board the ferry{}", along("on")),
        Maneuver::Stop => format!("Stop, then go on{}", along("on")),
        Maneuver::Arrive => match beside {
            Beside::Left => "Arrive: the place is on the left".to_owned(),
            Beside::Right => "Arrive: the place is on the right".to_owned(),
            Beside::On => "Arrive".to_owned(),
        },
    }
}

fn chinese(step: &Step, beside: Beside) -> String {
    let along = |before: &str, after: &str| match &step.street {
        Some(street) => format!("{before}{street}{after}"),
        None => String::new(),
    };
    match step.maneuver {
        Maneuver::Depart { bearing } => {
            format!("向{}出发{}", COMPASS_ZH[eighth(bearing)], along("，沿", "行驶"))
        }
        Maneuver::Continue => format!("继续直行{}", along("，进入", "")),
        Maneuver::Turn(bend) => format!("{}{}", BENDS_ZH[bend as usize], along("，进入", "")),
        Maneuver::Roundabout { exit: Some(exit) } => {
            format!("进入环岛，从第{exit}个出口驶出{}", along("，进入", ""))
        }
        Maneuver::Roundabout { exit: None } => format!("进入环岛{}", along("，沿", "行驶")),
        Maneuver::TurnRound => format!("掉头{}", along("，沿", "行驶")),
        Maneuver::Board => format!("登上渡轮{}", along("：", "")),
        Maneuver::Stop => format!("到达途经点后继续{}", along("，沿", "行驶")),
        Maneuver::Arrive => match beside {
            Beside::Left => "到达：目的地在左侧".to_owned(),
            Beside::Right => "到达：目的地在右侧".to_owned(),
            Beside::On => "到达目的地".to_owned(),
        },
    }
}

const COMPASS_EN: [&str; 8] =
    ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];
const COMPASS_ZH: [&str; 8] = ["北", "东北", "东", "东南", "南", "西南", "西", "西北"];
const BENDS_EN: [&str; 7] =
    ["sharp left", "left", "slight left", "straight", "slight right", "right", "sharp right"];
const BENDS_ZH: [&str; 7] =
    ["向左急转", "左转", "稍向左转", "直行", "稍向右转", "右转", "向右急转"];

/// "1st", "2nd", "11th".
fn ordinal(n: u32) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// The eighth of the compass that a bearing is in.
fn eighth(bearing: u16) -> usize {
    usize::from((bearing + 22) / 45 % 8)
}

/// What a program reads in place of the words.
pub(crate) fn code(maneuver: Maneuver) -> &'static str {
    const BENDS: [&str; 7] = [
        "turn-sharp-left",
        "turn-left",
        "turn-slight-left",
        "straight",
        "turn-slight-right",
        "turn-right",
        "turn-sharp-right",
    ];
    match maneuver {
        Maneuver::Depart { .. } => "depart",
        Maneuver::Continue => "continue",
        Maneuver::Turn(bend) => BENDS[bend as usize],
        Maneuver::Roundabout { .. } => "roundabout",
        Maneuver::TurnRound => "turn-round",
        Maneuver::Board => "board-ferry",
        Maneuver::Stop => "stop",
        Maneuver::Arrive => "arrive",
    }
}

/// The exit of a roundabout, counted from 1.
pub(crate) fn exit(maneuver: Maneuver) -> Option<u32> {
    match maneuver {
        Maneuver::Roundabout { exit } => exit,
        _ => None,
    }
}

/// Minutes and seconds, rounded to the second.
pub(crate) fn clock(time: Millis) -> String {
    let secs = (time.get() + 500) / 1000;
    format!("{}:{:02}", secs / 60, secs % 60)
}

/// Metres, or kilometres from one on.
pub(crate) fn length(metres: f64) -> String {
    if metres < 1000.0 { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_in_both_languages() {
        let street = || Some("Triq il-Kbira".to_owned());
        for (maneuver, street, en, zh) in [
            (
                Maneuver::Depart { bearing: 340 },
                street(),
                "Depart north on Triq il-Kbira",
                "向北出发，沿Triq il-Kbira行驶",
            ),
            (Maneuver::Depart { bearing: 44 }, None, "Depart north-east", "向东北出发"),
            (
                Maneuver::Turn(Bend::Left),
                street(),
                "Turn left onto Triq il-Kbira",
                "左转，进入Triq il-Kbira",
            ),
            (
                Maneuver::Roundabout { exit: Some(2) },
                street(),
                "At the roundabout take the 2nd exit onto Triq il-Kbira",
                "进入环岛，从第2个出口驶出，进入Triq il-Kbira",
            ),
            (Maneuver::Roundabout { exit: None }, None, "Enter the roundabout", "进入环岛"),
            (Maneuver::TurnRound, None, "Turn round", "掉头"),
            (Maneuver::Arrive, street(), "Arrive: the place is on the right", "到达：目的地在右侧"),
        ] {
            let step_of = Step {
                maneuver,
                street,
                metres: 1.0,
                duration: Millis::ZERO,
                first_point: 0,
                exceptions: Exceptions::default(),
            };
            assert_eq!(step(&step_of, Beside::Right, Language::En), en);
            assert_eq!(step(&step_of, Beside::Right, Language::Zh), zh);
        }
    }

    #[test]
    fn exceptions_are_named_behind_the_step() {
        let all: Exceptions = [Exception::Contraflow, Exception::BusLane].into_iter().collect();
        assert_eq!(exceptions(all, Language::En), "bus lane; against the one-way rule");
        assert_eq!(exceptions(all, Language::Zh), "公交专用道；逆行");
        assert_eq!(exception_codes(all), ["bus-lane", "contraflow"]);
    }

    #[test]
    fn exits_are_counted_as_people_say_them() {
        let told = [1, 2, 3, 4, 11, 12, 13, 21, 22].map(ordinal);
        assert_eq!(told, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd"]);
    }

    #[test]
    fn times_and_lengths_are_rounded_as_people_say_them() {
        assert_eq!(clock(Millis::new(59_600)), "1:00");
        assert_eq!((length(999.4), length(1250.0)), ("999 m".to_owned(), "1.2 km".to_owned()));
    }
}
