//! The JSON document of one patient.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use ems_clinical::{Inputs, Observed};
use ems_dispatch::{TagTree, Tagging};
use ems_model::Tag;
use serde_json::{Map, Value};

/// What a document says.
pub(crate) struct Document {
    /// Answers by the names of inputs.
    pub(crate) answers: Vec<(String, Observed)>,
    /// Where the answers of tag trees lead.
    pub(crate) tags: Vec<Tagged>,
}

/// Where the answers of one tag tree lead.
pub(crate) struct Tagged {
    /// The tree with its version.
    pub(crate) tree: String,
    /// Its name for people.
    pub(crate) title: String,
    /// Whether every source of it was compared.
    pub(crate) is_verified: bool,
    /// Where it comes from.
    pub(crate) sources: Vec<String>,
    /// The tag, or the question that is missing.
    pub(crate) end: Result<Tag, String>,
}

/// The name of a tree in a document: `start` of `start-1997/1`.
pub(crate) fn key(tree: &TagTree) -> &str {
    tree.name.split(['-', '/']).next().unwrap_or(&tree.name)
}

impl Document {
    /// Reads a document; an unknown field is told with a remedy when its answers are observed.
    pub(crate) fn parse(text: &str, inputs: &Inputs, trees: &[TagTree]) -> anyhow::Result<Self> {
        let fields: Map<String, Value> = serde_json::from_str(text)
            .context("it is no JSON object of one patient: write { \"heart_rate_per_min\": 80 }")?;
        let mut document = Self { answers: Vec::new(), tags: Vec::new() };
        for (id, value) in fields {
            match trees.iter().find(|tree| key(tree) == id) {
                Some(tree) => document.tags.push(tagged(tree, &value)?),
                None => document.answers.extend(observed(&id, value, inputs)?.map(|it| (id, it))),
            }
        }
        Ok(document)
    }
}

/// `null` is not measured; true and false are yes and no; a choice may be written as a number.
fn observed(id: &str, value: Value, inputs: &Inputs) -> anyhow::Result<Option<Observed>> {
    let is_choice = inputs.get(id).is_some_and(|input| input.unit.is_none());
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Bool(true) => Observed::Choice("yes".into()),
        Value::Bool(false) => Observed::Choice("no".into()),
        Value::Number(number) if is_choice => Observed::Choice(number.to_string()),
        Value::Number(number) => {
            Observed::Number(number.as_f64().context("a number that is too large: correct it")?)
        }
        Value::String(text) => Observed::Choice(text),
        Value::Array(_) | Value::Object(_) => {
            bail!("{id} is a list or an object: give a number, a word, true or false")
        }
    }))
}

fn tagged(tree: &TagTree, value: &Value) -> anyhow::Result<Tagged> {
    let id = key(tree);
    let answers = value.as_object().with_context(|| {
        format!("{id} is no object: write {{ \"{}\": true }}", tree.steps[0].id)
    })?;
    let mut given = BTreeMap::new();
    for (question, answer) in answers {
        if !tree.asks(question) {
            let asked: Vec<_> = tree.steps.iter().map(|step| step.id.as_str()).collect();
            bail!("{id} does not ask \"{question}\": name {}", asked.join(", "));
        }
        let answer = answer.as_bool().with_context(|| {
            format!("{id}.{question} is neither true nor false: correct it, or leave it out")
        })?;
        given.insert(question.clone(), answer);
    }
    let end = match tree.follow(&given) {
        Tagging::Tagged(tag) => Ok(tag),
        Tagging::Ask(step) => Err(format!("{} ({})", step.ask.en, step.id)),
    };
    Ok(Tagged {
        tree: tree.name.clone(),
        title: tree.title.en.clone(),
        is_verified: tree.sources.iter().all(|source| source.verified),
        sources: tree.sources.iter().map(|source| source.text.clone()).collect(),
        end,
    })
}
