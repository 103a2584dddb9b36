//! Age and sex in the comments of a recording.

use ems_ecg::{Patient, Sex};

/// Reads `Age: 84` and `Sex: Female`, in any case, as PhysioNet's records have them.
pub(super) fn in_comments(comments: &[String]) -> Patient {
    let value = |name: &str| {
        let pairs = comments.iter().filter_map(|line| line.split_once(':'));
        let mut own = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        own.next().map(|(_, value)| value.trim().to_ascii_lowercase())
    };
    let sex = value("sex").and_then(|sex| match sex.as_str() {
        "female" | "f" => Some(Sex::Female),
        "male" | "m" => Some(Sex::Male),
        _ => None,
    });
    Patient { age: value("age").and_then(|age| age.parse().ok()), sex }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_and_sex_are_read_and_nonsense_is_missing() {
        for (lines, age, sex) in [
            (["Age: 84", "Sex: Female"], Some(84), Some(Sex::Female)),
            (["age: 81", "sex: m"], Some(81), Some(Sex::Male)),
            (["Age: NaN", "Sex: Unknown"], None, None),
            (["84", "Female"], None, None),
        ] {
            let patient = in_comments(&lines.map(str::to_owned));
            assert_eq!(patient, Patient { age, sex }, "{lines:?}");
        }
    }
}
