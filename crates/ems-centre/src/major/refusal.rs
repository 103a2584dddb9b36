//! Why something was not done at a major incident.

use ems_model::{AgeGroup, CasualtyId, HospitalId, IncidentId, UnitId};

/// Why something was not done at a major incident.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MajorRefusal {
    /// It is no major incident, or no longer.
    #[error("incident {incident} is no major incident: declare it first")]
    NotDeclared {
        /// Which.
        incident: IncidentId,
    },
    /// Two staging areas of one name.
    #[error("staging area \"{area}\" comes twice: rename one")]
    AreaTwice {
        /// Its name.
        area: String,
    },
    /// Units wait at an area that was to go.
    #[error(
        "unit {unit} waits at staging area \"{area}\": call it forward before you drop the area"
    )]
    AreaInUse {
        /// Which area.
        area: String,
        /// One of the units.
        unit: UnitId,
    },
    /// There is no such area.
    #[error("there is no staging area \"{area}\": add it to the incident's areas")]
    UnknownArea {
        /// What was named.
        area: String,
    },
    /// The area holds no more units.
    #[error(
        "staging area \"{area}\" holds {n_units} units, its most: send {unit} to another area or call one forward"
    )]
    AreaFull {
        /// Which area.
        area: String,
        /// How many it holds.
        n_units: usize,
        /// Who would have come.
        unit: UnitId,
    },
    /// The unit is not driving to the scene.
    #[error(
        "unit {unit} is not on its way to incident {incident}: only such units wait at staging"
    )]
    NotOnItsWay {
        /// Which unit.
        unit: UnitId,
        /// To which incident.
        incident: IncidentId,
    },
    /// The unit was not told to wait.
    #[error("unit {unit} was not told to wait at staging: it drives to the scene")]
    NotStaged {
        /// Which unit.
        unit: UnitId,
    },
    /// There is no such tree.
    #[error("there is no tree \"{tree}\": use one of {known}")]
    UnknownTree {
        /// What was named.
        tree: String,
        /// The trees that there are.
        known: String,
    },
    /// The tree was not made for that age.
    #[error(
        "tree {tree} was not made for age group {age_group:?}: use another tree of /api/reference"
    )]
    WrongTree {
        /// Which tree.
        tree: String,
        /// Whose age.
        age_group: AgeGroup,
    },
    /// An answer to a question that the tree does not ask.
    #[error("tree {tree} does not ask \"{question}\": leave the answer out")]
    UnknownQuestion {
        /// Which tree.
        tree: String,
        /// What was answered.
        question: String,
    },
    /// The answers end before a tag.
    #[error("the answers stop at question \"{question}\" of {tree}: answer it, too")]
    Unanswered {
        /// Which tree.
        tree: String,
        /// What is asked next.
        question: String,
    },
    /// A hospital that the rules rank lower, or that has no place as far as is known.
    #[error(
        "hospital {hospital} is not the one for casualty {casualty}, {} is: give the reason in \"overrule\"",
        advised.as_ref().map_or("none that has told a place", HospitalId::as_str)
    )]
    PlaceNeedsReason {
        /// Who.
        casualty: CasualtyId,
        /// What was chosen.
        hospital: HospitalId,
        /// What the rules prefer.
        advised: Option<HospitalId>,
    },
    /// A casualty comes twice in one order.
    #[error("casualty {casualty} is named twice: name each once")]
    Twice {
        /// Who.
        casualty: CasualtyId,
    },
    /// People in one ambulance would go to two hospitals.
    #[error("casualty {other} is in the same ambulance as {casualty}: allot both to one hospital")]
    TogetherAboard {
        /// Who was named.
        casualty: CasualtyId,
        /// Who was not, or to another hospital.
        other: CasualtyId,
    },
    /// The unit has not reached the scene, or has left it.
    #[error("unit {unit} is not on scene of incident {incident}: load a unit that is")]
    NotOnScene {
        /// Which unit.
        unit: UnitId,
        /// Which incident.
        incident: IncidentId,
    },
    /// The unit takes somebody to another hospital.
    #[error(
        "casualty {casualty} goes to another hospital than casualty {other} in {unit}: load another unit"
    )]
    OtherWay {
        /// Who would have been loaded.
        casualty: CasualtyId,
        /// Into which.
        unit: UnitId,
        /// Who is in it.
        other: CasualtyId,
    },
    /// The unit does not take so many.
    #[error(
        "unit {unit} would hold {n} casualties, {n_lying} of them lying, over {n_max} and {n_lying_max}: load another unit"
    )]
    Overloaded {
        /// Which unit.
        unit: UnitId,
        /// How many it would hold.
        n: usize,
        /// How many of them not tagged minor.
        n_lying: usize,
        /// Most in all.
        n_max: u32,
        /// Most who lie.
        n_lying_max: u32,
    },
    /// The casualty is in no ambulance.
    #[error("casualty {casualty} is in no ambulance: look at /api/incidents")]
    NotAboard {
        /// Who.
        casualty: CasualtyId,
    },
    /// An ambulance would leave the scene empty.
    #[error("unit {unit} has no casualty aboard: load one, or return to service")]
    NobodyAboard {
        /// Which unit.
        unit: UnitId,
    },
    /// An ambulance would be free with casualties in it.
    #[error("unit {unit} has {n} casualties aboard: bring them to hospital, or unload them first")]
    PeopleAboard {
        /// Which unit.
        unit: UnitId,
        /// How many.
        n: usize,
    },
}
