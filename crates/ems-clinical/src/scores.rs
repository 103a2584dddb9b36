//! All scores that ship.

use crate::TableError;
use crate::evaluate::{Evaluation, Scored};
use crate::inputs::{Inputs, Observations};
use crate::score::Score;

/// Scores with the inputs that they ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    inputs: Inputs,
    scores: Vec<Score>,
}

macro_rules! files {
    ($($name:literal)*) => {
        [$(include_str!(concat!("../../../data/clinical/scores/", $name, ".toml"))),*]
    };
}

/// In the order they are shown; a score stands after those it builds on.
const STANDARD: &[&str] = &files!(
    "news2" "mews" "qsofa" "sirs" "rems" "shock-index" "modified-shock-index" "age-shock-index"
    "gcs" "gcs-p" "rts" "t-rts" "triss-blunt" "triss-penetrating" "pews" "apgar"
    "cpss" "be-fast" "fast-ed" "lams" "race" "heart" "timi-ua-nstemi" "timi-stemi"
);

impl Scores {
    /// The scores in `data/clinical/scores/`.
    #[expect(clippy::missing_panics_doc, reason = "the tables in the tree are tested")]
    pub fn standard() -> Self {
        let scores = Self::parse(Inputs::standard(), STANDARD.iter().copied());
        scores.expect("the tables in the tree are tested to be readable")
    }

    /// Reads scores in the format of `data/clinical/scores/`, each after those it builds on.
    pub fn parse<'a>(
        inputs: Inputs,
        files: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, TableError> {
        let mut scores: Vec<Score> = Vec::new();
        for file in files {
            let score: Score = toml::from_str(file)?;
            score
                .check(&inputs, &scores)
                .map_err(|what| TableError::Entry { id: score.id.clone(), what })?;
            scores.push(score);
        }
        Ok(Self { inputs, scores })
    }

    /// What they may ask.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The tables.
    pub fn iter(&self) -> impl Iterator<Item = &Score> {
        self.scores.iter()
    }

    /// Every score for a patient; cost: one walk over all rows.
    pub fn score_all<'a>(&'a self, known: &'a Observations<'a>) -> Vec<Scored<'a>> {
        let evaluation = Evaluation { inputs: &self.inputs, scores: &self.scores, known };
        self.scores.iter().map(|score| evaluation.score(score)).collect()
    }

    /// The score of that name for a patient; `None` if there is none of it.
    pub fn score<'a>(&'a self, id: &str, known: &'a Observations<'a>) -> Option<Scored<'a>> {
        let evaluation = Evaluation { inputs: &self.inputs, scores: &self.scores, known };
        self.scores.iter().find(|score| score.id == id).map(|score| evaluation.score(score))
    }
}
