//! Answers to commands and questions.

use ems_centre::{Accepted, Recommendation};
use ems_dispatch::Suggestion;
use ems_model::{
    CasualtyPlace, HospitalCandidate, HospitalCapability, IncidentId, Judgement, Millis, Priority,
    RemoteCareReason, Response, Timestamp, UnitCandidate, UnitKind,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A command was done and is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ack {
    /// The place of its last event.
    pub seq: u64,
    /// The incident that it was about, if it was about one.
    pub incident: Option<IncidentId>,
    /// Whether its key had been seen, so that nothing was done now.
    pub is_repeated: bool,
}

impl From<&Accepted> for Ack {
    fn from(accepted: &Accepted) -> Self {
        Self { seq: accepted.seq, incident: accepted.incident, is_repeated: accepted.is_repeated }
    }
}

/// What a card suggests.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TriageView {
    suggested: Priority,
    /// Keys of the rules that led there; their texts are in `/api/reference`.
    because: Vec<String>,
    /// What the hospital must have.
    needs: Vec<HospitalCapability>,
    /// What the unit must be able to do.
    needs_unit: UnitKind,
}

impl From<Suggestion> for TriageView {
    fn from(suggestion: Suggestion) -> Self {
        Self {
            because: suggestion.because_keys(),
            suggested: suggestion.priority,
            needs: suggestion.needs_hospital,
            needs_unit: suggestion.needs_unit,
        }
    }
}

/// Ranked units and hospitals, with reasons.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecommendationView {
    incident: IncidentId,
    version: u32,
    at: Timestamp,
    units: RankedUnits,
    hospitals: RankedHospitals,
    remote_care: Option<RemoteCareReason>,
    /// Where the casualties of a major incident would go, those who have no hospital yet.
    places: Vec<CasualtyPlace>,
    /// Who should take the places of the run card; `null` once the patient has left the scene.
    response: Option<Response>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RankedUnits {
    policy: String,
    /// Best first.
    candidates: Vec<UnitCandidate>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RankedHospitals {
    policy: String,
    needs: Vec<HospitalCapability>,
    /// What the hospital should have where that costs little time.
    prefers: Vec<HospitalCapability>,
    /// What the crew's findings mean.
    judgements: Vec<Judgement>,
    window: Millis,
    /// Best first.
    candidates: Vec<HospitalCandidate>,
}

impl From<Recommendation> for RecommendationView {
    fn from(it: Recommendation) -> Self {
        Self {
            incident: it.incident,
            version: it.version,
            at: it.at,
            units: RankedUnits { policy: it.policy.clone(), candidates: it.units },
            hospitals: RankedHospitals {
                policy: it.policy,
                needs: it.needs,
                prefers: it.prefers,
                judgements: it.judgements,
                window: it.window,
                candidates: it.hospitals,
            },
            remote_care: it.remote_care,
            places: it.places,
            response: it.response,
        }
    }
}
