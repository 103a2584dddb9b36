//! Triage cards, unit and hospital ranking with reasons, pre-arrival tasks.
//!
//! Everything here is a function of data files and facts: no clock, no road graph, no log. Drives
//! come in as facts, decisions go out as `ems_model` candidates with a typed reason for each thing
//! that spoke for or against them. The data are TOML files under `data/`: complaint cards, priority
//! schemes, pathways, the ranking policy and KPI clocks. All texts in them are the project's own;
//! no question of a proprietary protocol is copied. Each file names its sources, and says honestly
//! which figures were compared with a published text.
//!
//! It deliberately does not choose: people do, and [`unit_choice`] records what was on the table.
//! Read [`Reference`] and [`Card`] first, then [`rank_units`].

mod assignment;
mod burns;
mod card;
mod child;
mod choice;
mod clock;
mod compliance;
mod crew_rules;
mod ddsm;
mod destination;
mod dispatch;
mod diversion;
mod doctrine;
mod drone;
mod error;
mod exchange;
mod field_triage;
mod hospitals;
mod mass_casualty;
mod nedocs;
mod obstetric;
mod pathway;
mod policy;
mod posting_list;
mod redeployment;
mod reference;
mod relocation;
mod relocation_policy;
mod response;
mod rollout;
mod run_card;
mod scheme;
mod shipped;
mod spread;
mod stemi;
mod stroke;
mod survival;
mod tagging;
mod text;
mod treatment;
mod triage;
mod units;
mod weighing;

pub use burns::{BurnFinding, BurnReferral, Burnt, Referral};
pub use card::{AnswerOption, Card, Question, Rule, UNKNOWN};
pub use child::{ChildFinding, ChildTriage, Impression};
pub use choice::{hospital_choice, unit_choice};
pub use clock::{ClockSpec, Mark, Per, Requirement};
pub use compliance::ComplianceTable;
pub use crew_rules::{CrewPolicy, Meals, VehicleRange, check_limits};
pub use ddsm::DoubleStandard;
pub use destination::{Demand, Patient};
pub use dispatch::{Candidate, Dispatch};
pub use diversion::{Diversions, Errand, RANK_MAX, RankTooHigh};
pub use doctrine::{
    CoverPolicy, DispatchPolicy, Diversion, ExchangePolicy, LookAheadPolicy, UnitRule,
};
pub use drone::Flight;
pub use error::{CardError, ReferenceError, UnknownPolicy};
pub use exchange::{Exchange, OnTheWay};
pub use field_triage::{
    Criterion, FieldTriage, Injured, InjuryFinding, InjuryRisk, Met, Missing, UnknownCriterion,
};
pub use hospitals::{HospitalFacts, HospitalQuery, HospitalRanking, rank_hospitals};
pub use mass_casualty::{Load, MassCasualtyRules, PlaceCandidate, PlaceFacts, Places};
pub use nedocs::{nedocs, nedocs_points};
pub use obstetric::{MaternalFinding, MaternalLevels, MaternalSign};
pub use pathway::{Pathway, PathwayId, TaskTemplate, plan_tasks};
pub use policy::{HospitalPolicy, Policy, UnitPolicy};
pub use posting_list::{NoSuchStation, PostingList};
pub use redeployment::{BadRedeployment, Idle, Move, MoveBounds, Redeployment};
pub use reference::{File, Reference, Texts};
pub use relocation::{BadBusyFraction, CoverPatterns, Dmexclp, Relocation};
pub use relocation_policy::{MoveLimits, RelocationPolicy, RelocationRule, minutes};
pub use response::{Attendance, DroneFacts, OnCall, Ranking, ResponseRules};
pub use rollout::{BadBoard, Board, Outcome, Piece, Rollout, Trial};
pub use run_card::{RunCard, RunCards, RunQuery, Slot};
pub use scheme::{Level, PriorityScheme};
pub use spread::{Allotment, Casualty, Receiver, SpreadPolicy, spread};
pub use stemi::{Reperfusion, StemiCase, StemiCentre, StemiModel, StemiPath};
pub use stroke::{Race, StrokeCase, StrokeCentre, StrokeModel, StrokeOutlook, StrokePath};
pub use survival::{Survival, SurvivalCurves, SurvivalError};
pub use tagging::{Next, TagStep, TagTree, Tagging};
pub use text::{Source, Text};
pub use treatment::Treatment;
pub use triage::{Because, Suggestion};
pub use units::{NextCover, UnitFacts, UnitQuery, ppm, rank_units, thousandths};
pub use weighing::{Loss, Outlook, Prospect, Weighing, Worth};
