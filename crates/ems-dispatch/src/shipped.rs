//! The data files that ship.

use crate::reference::{File, Texts};

macro_rules! files {
    ($dir:literal: $($name:literal)*) => {
        vec![$(one_file!($dir, $name)),*]
    };
}

macro_rules! one_file {
    ($dir:literal, $name:literal) => {
        File {
            name: concat!("data/", $dir, $name, ".toml"),
            text: include_str!(concat!("../../../data/", $dir, $name, ".toml")),
        }
    };
}

impl Texts<'static> {
    /// The files that ship; replace or add single ones for a service's own.
    pub fn standard() -> Self {
        Self {
            schemes: files!("dispatch/priorities/": "china" "arp" "esi"),
            cards: files!("dispatch/cards/":
                "cardiac-arrest" "unconscious" "breathing" "chest-pain" "stroke" "bleeding"
                "trauma" "seizure" "allergy" "poisoning" "burns" "childbirth" "diabetes"
                "abdominal-pain" "fall" "child-fever" "infection" "mental-health" "minor"),
            pathways: files!("dispatch/pathways/":
                "cardiac-arrest" "stemi" "stroke" "trauma" "burns" "obstetric" "paediatric"
                "poisoning" "sepsis" "psychiatric" "general"),
            clocks: files!("clocks/": "china" "arp" "nfpa1710"),
            policies: files!("dispatch/policies/":
                "closest-eta" "urgent-first" "keep-cover" "nested-compliance" "survival" "dmexclp"
                "redeploy" "multi-compliance" "double-standard" "priority-list"
                "look-ahead" "crew-hours"),
            hospitals: one_file!("dispatch/", "hospitals"),
            stroke: one_file!("dispatch/destination/", "stroke"),
            stemi: one_file!("dispatch/destination/", "stemi"),
            trauma: one_file!("dispatch/destination/", "trauma"),
            burns: one_file!("dispatch/destination/", "burns"),
            obstetric: one_file!("dispatch/destination/", "obstetric"),
            child: one_file!("dispatch/destination/", "child"),
            tag_trees: files!("dispatch/mass-casualty/": "start" "jumpstart" "salt"),
            mass_casualty: one_file!("dispatch/", "mass-casualty"),
            run_cards: one_file!("dispatch/", "run-cards"),
            drone: one_file!("dispatch/", "drone"),
        }
    }
}
