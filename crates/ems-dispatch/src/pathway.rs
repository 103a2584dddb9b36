//! Pathways: what a hospital prepares for a kind of patient, and how long the patient may take.

use std::fmt;

use ems_model::{Millis, Task, TaskId, TaskKind, TaskState, Timestamp};
use serde::Deserialize;

use crate::text::{Source, Text, check_id, check_texts, check_unique, mins};

/// The name of a pathway: `stemi`, `stroke`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct PathwayId(String);

impl PathwayId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PathwayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a kind of patient is brought to definitive care.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pathway {
    /// Its name.
    pub id: PathwayId,
    /// Its name for people.
    pub name: Text,
    /// The longest drive from the scene to a suitable hospital that still serves the patient.
    #[serde(rename = "window_min", deserialize_with = "mins")]
    pub window: Millis,
    /// The expected time between arrival on scene and leaving it.
    #[serde(rename = "on_scene_min", deserialize_with = "mins")]
    pub on_scene: Millis,
    /// The expected time between arrival at hospital and being free again.
    #[serde(rename = "at_hospital_min", deserialize_with = "mins")]
    pub at_hospital: Millis,
    /// What the hospital prepares.
    pub tasks: Vec<TaskTemplate>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// Something that a hospital prepares for every patient of a pathway.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskTemplate {
    /// What kind of thing it is.
    pub kind: TaskKind,
    /// Its name within the data: `tenecteplase`.
    pub what: String,
    /// Its name for people.
    pub name: Text,
    /// How long it takes.
    #[serde(rename = "lead_min", deserialize_with = "mins")]
    pub lead: Millis,
}

/// Most tasks that one pathway may have, so that a board stays readable.
const TASKS_MAX: usize = 16;

impl Pathway {
    /// How long a unit is bound from its arrival on scene, with a drive to hospital of
    /// `to_hospital`.
    pub fn expected_call(&self, to_hospital: Millis) -> Millis {
        self.on_scene + to_hospital + self.at_hospital
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        check_id("pathway", self.id.as_str())?;
        check_texts(self.tasks.iter().map(|task| &task.name).chain([&self.name]), &self.sources)?;
        check_unique("task", self.tasks.iter().map(|task| task.what.as_str()))?;
        for task in &self.tasks {
            check_id("task", &task.what)?;
        }
        if self.window == Millis::ZERO {
            return Err("window_min is 0, outside 1..=1440: no hospital could be reached".into());
        }
        if self.tasks.len() > TASKS_MAX {
            let n_tasks = self.tasks.len();
            return Err(format!("{n_tasks} tasks are more than {TASKS_MAX}: join some"));
        }
        Ok(())
    }
}

/// Plans what a hospital does before a patient arrives at `eta`; tasks are numbered from
/// `first_id` in the order of the pathway file.
pub fn plan_tasks(pathway: &Pathway, eta: Timestamp, first_id: TaskId) -> Vec<Task> {
    let plan = |(id, task): (u64, &TaskTemplate)| Task {
        id: TaskId(id),
        kind: task.kind,
        what: task.what.clone(),
        lead: task.lead,
        due: eta,
        state: TaskState::Planned,
    };
    (first_id.0..).zip(&pathway.tasks).map(plan).collect()
}
