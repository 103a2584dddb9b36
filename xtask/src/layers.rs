//! The four layers and the arrows between crates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, bail};

use crate::complaint::Complaint;

pub(crate) const ARCHITECTURE_PATH: &str = "ARCHITECTURE.md";

/// From the bottom up: an arrow may only point down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    Words,
    Engines,
    Roles,
    Hosts,
    Tools,
}

impl Layer {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "words" => Self::Words,
            "engines" => Self::Engines,
            "roles" => Self::Roles,
            "hosts" => Self::Hosts,
            "tools" => Self::Tools,
            _ => return None,
        })
    }

    /// Where crates of this layer live; tools may live anywhere.
    fn folder(self) -> &'static str {
        match self {
            Self::Words | Self::Engines | Self::Roles => "crates/",
            Self::Hosts => "apps/",
            Self::Tools => "",
        }
    }

    /// Whether crates of this layer may know each other without being listed.
    fn knows_its_own(self) -> bool {
        matches!(self, Self::Roles | Self::Hosts | Self::Tools)
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Words => "words",
            Self::Engines => "engines",
            Self::Roles => "roles",
            Self::Hosts => "hosts",
            Self::Tools => "tools",
        })
    }
}

/// One crate of the workspace, read from its Cargo.toml.
#[derive(Debug)]
pub(crate) struct Member {
    name: String,
    path: String,
    layer: Layer,
    dependencies: Vec<Dependency>,
}

impl Member {
    /// The names of everything this crate depends on, in any way.
    pub(crate) fn dependency_names(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().map(|dependency| dependency.name.as_str())
    }
}

#[derive(Debug)]
struct Dependency {
    name: String,
    line: usize,
    is_dev: bool,
}

/// An allowed arrow between crates of one layer, from ARCHITECTURE.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrow {
    from: String,
    to: String,
    line: usize,
}

/// Reads one crate's Cargo.toml. `path` is relative to the root.
pub(crate) fn parse_member(path: &str, text: &str) -> anyhow::Result<Member> {
    let table: toml::Table = text.parse().with_context(|| path.to_owned())?;
    let package = table.get("package").with_context(|| format!("{path}: no [package]"))?;
    let name = package.get("name").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    let word = package
        .get("metadata")
        .and_then(|m| m.get("golden-hour"))
        .and_then(|m| m.get("layer"))
        .and_then(toml::Value::as_str);
    let Some(layer) = word.and_then(Layer::parse) else {
        bail!(
            "{path}: layer {word:?} is none of words, engines, roles, hosts, tools: \
             set it under [package.metadata.golden-hour]"
        );
    };
    Ok(Member { name, path: path.to_owned(), layer, dependencies: dependencies(&table, text) })
}

/// Reads the fenced blocks tagged `arrows`, one `from -> to` a line.
pub(crate) fn parse_arrows(text: &str) -> (Vec<Arrow>, Vec<Complaint>) {
    let mut arrows = Vec::new();
    let mut complaints = Vec::new();
    let mut is_inside = false;
    for (idx, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("```") {
            is_inside = line == "```arrows";
        } else if is_inside && !line.is_empty() {
            match parse_arrow(line, idx + 1) {
                Some(arrow) => arrows.push(arrow),
                None => complaints.push(Complaint::new(
                    ARCHITECTURE_PATH,
                    idx + 1,
                    format!("`{line}` is no arrow"),
                    "write `ems-dispatch -> ems-roads`, a reason may follow after `#`",
                )),
            }
        }
    }
    (arrows, complaints)
}

/// Complains about arrows that point up, or sideways without being listed, and unused ones.
pub(crate) fn check_arrows(members: &[Member], allowed: &[Arrow]) -> Vec<Complaint> {
    let layers: BTreeMap<&str, Layer> =
        members.iter().map(|member| (member.name.as_str(), member.layer)).collect();
    let mut complaints = Vec::new();
    let mut used = BTreeSet::new();
    for member in members {
        complaints.extend(misplaced(member));
        for dependency in &member.dependencies {
            let Some(&below) = layers.get(dependency.name.as_str()) else { continue };
            if !dependency.is_dev {
                used.insert((member.name.as_str(), dependency.name.as_str()));
            }
            let is_listed = is_listed(allowed, &member.name, &dependency.name);
            complaints.extend(judge_arrow(member, dependency, below, is_listed));
        }
    }
    complaints.extend(unused(allowed, &used));
    complaints
}

fn is_listed(allowed: &[Arrow], from: &str, to: &str) -> bool {
    allowed.iter().any(|arrow| arrow.from == from && arrow.to == to)
}

fn judge_arrow(
    member: &Member,
    dependency: &Dependency,
    below: Layer,
    is_listed: bool,
) -> Option<Complaint> {
    let Member { name, path, layer, .. } = member;
    let fact = format!("{name} ({layer}) -> {} ({below})", dependency.name);
    if below > *layer {
        let fact = format!("{fact} points up");
        let remedy = "move what is needed down into ems-model, or the code up";
        return Some(Complaint::new(path, dependency.line, fact, remedy));
    }
    if below == *layer && !layer.knows_its_own() && !dependency.is_dev && !is_listed {
        let fact = format!("{fact} joins two {layer} and is not listed");
        let remedy = format!(
            "pass the value through the role, or list `{name} -> {}` with its reason in the \
             ```arrows block of {ARCHITECTURE_PATH}",
            dependency.name
        );
        return Some(Complaint::new(path, dependency.line, fact, remedy));
    }
    None
}

fn misplaced(member: &Member) -> Option<Complaint> {
    let Member { name, path, layer, .. } = member;
    let folder = layer.folder();
    (!path.starts_with(folder)).then(|| {
        let fact = format!("{name} is of layer {layer} but not under {folder}");
        Complaint::new(path, 1, fact, "move it, or correct its layer")
    })
}

fn unused(allowed: &[Arrow], used: &BTreeSet<(&str, &str)>) -> Vec<Complaint> {
    allowed
        .iter()
        .filter(|arrow| !used.contains(&(arrow.from.as_str(), arrow.to.as_str())))
        .map(|arrow| {
            let fact = format!("allowed arrow {} -> {} is not used", arrow.from, arrow.to);
            Complaint::new(ARCHITECTURE_PATH, arrow.line, fact, "remove the line")
        })
        .collect()
}

fn parse_arrow(line: &str, number: usize) -> Option<Arrow> {
    let line = line.split('#').next()?;
    let (from, to) = line.split_once("->")?;
    let (from, to) = (from.trim().to_owned(), to.trim().to_owned());
    let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
    (is_name(&from) && is_name(&to)).then_some(Arrow { from, to, line: number })
}

fn dependencies(table: &toml::Table, text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    collect(table, text, &mut found);
    let targets = table.get("target").and_then(toml::Value::as_table);
    for target in targets.into_iter().flat_map(|targets| targets.values()) {
        if let Some(target) = target.as_table() {
            collect(target, text, &mut found);
        }
    }
    found
}

fn collect(table: &toml::Table, text: &str, found: &mut Vec<Dependency>) {
    let sections =
        [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)];
    for (section, is_dev) in sections {
        let entries = table.get(section).and_then(toml::Value::as_table);
        for (key, value) in entries.into_iter().flatten() {
            let renamed = value.get("package").and_then(toml::Value::as_str);
            let name = renamed.unwrap_or(key).to_owned();
            found.push(Dependency { name, line: line_of(text, section, key), is_dev });
        }
    }
}

/// The line of `key` under `[…section]`; the first line if it is written otherwise.
fn line_of(text: &str, section: &str, key: &str) -> usize {
    let mut is_inside = false;
    for (idx, line) in text.lines().enumerate() {
        if let Some(head) = line.strip_prefix('[') {
            let head = head.trim_end_matches(']');
            is_inside = head == section || head.ends_with(&format!(".{section}"));
            if head.ends_with(&format!("{section}.{key}")) {
                return idx + 1;
            }
        } else if is_inside
            && line.strip_prefix(key).is_some_and(|r| r.starts_with(['.', ' ', '=']))
        {
            return idx + 1;
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(folder: &str, name: &str, layer: &str, rest: &str) -> Member {
        let text = format!(
            "[package]\nname = '{name}'\n[package.metadata.golden-hour]\nlayer = '{layer}'\n{rest}"
        );
        parse_member(&format!("{folder}/{name}/Cargo.toml"), &text).unwrap()
    }

    fn house(from_layer: &str, rest: &str) -> Vec<Member> {
        let folder = if from_layer == "hosts" { "apps" } else { "crates" };
        vec![
            member("crates", "ems-model", "words", ""),
            member("crates", "ems-roads", "engines", ""),
            member("crates", "ems-centre", "roles", ""),
            member("apps", "ems-host", "hosts", ""),
            member(folder, "ems-new", from_layer, rest),
        ]
    }

    #[test]
    fn arrows_point_down() {
        for (layer, dependency, ok) in [
            ("engines", "[dependencies]\nems-model.workspace = true", true),
            ("roles", "[dependencies]\nems-roads.workspace = true", true),
            ("roles", "[dependencies]\nems-centre.workspace = true", true),
            ("hosts", "[dependencies]\nems-host.workspace = true", true),
            ("tools", "[dependencies]\nems-host.workspace = true", true),
            ("words", "[dependencies]\nems-model.workspace = true", false),
            ("words", "[dependencies]\nems-roads.workspace = true", false),
            ("engines", "[dependencies]\nems-roads.workspace = true", false),
            ("engines", "[build-dependencies]\nems-roads.workspace = true", false),
            ("engines", "[target.'cfg(unix)'.dependencies]\nems-roads.workspace = true", false),
            ("engines", "[dependencies]\nroads = { package = 'ems-roads' }", false),
            ("engines", "[dev-dependencies]\nems-roads.workspace = true", true),
            ("engines", "[dev-dependencies]\nems-centre.workspace = true", false),
            ("roles", "[dependencies]\nems-host.workspace = true", false),
            ("engines", "[dependencies]\nserde.workspace = true", true),
        ] {
            let complaints = check_arrows(&house(layer, dependency), &[]);
            assert_eq!(complaints.is_empty(), ok, "{layer} {dependency}: {complaints:?}");
        }
    }

    #[test]
    fn a_listed_arrow_may_join_two_engines_and_must_be_used() {
        let text = "# x\n```arrows\nems-new -> ems-roads # live ETA\nems-new -> ems-gone\n```\n";
        let (arrows, bad) = parse_arrows(text);
        assert!(bad.is_empty());
        let members = house("engines", "[dependencies]\nems-roads.workspace = true");
        let complaints = check_arrows(&members, &arrows);
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert_eq!(complaints[0].line, 4);
        assert!(complaints[0].fact.contains("ems-gone is not used"));
    }

    #[test]
    fn arrows_are_read_from_their_block_only() {
        for (text, n_arrows, n_bad) in [
            ("ems-a -> ems-b", 0, 0),
            ("```\nems-a -> ems-b\n```", 0, 0),
            ("```arrows\nems-a -> ems-b\n\nems-b->ems-c\n```\nems-c -> ems-d", 2, 0),
            ("```arrows\nems-a => ems-b\nems-a ->\n```", 0, 2),
        ] {
            let (arrows, bad) = parse_arrows(text);
            assert_eq!((arrows.len(), bad.len()), (n_arrows, n_bad), "{text}");
        }
    }

    #[test]
    fn a_complaint_names_the_line_of_the_dependency() {
        let rest = "[features]\nems-roads = []\n[dependencies]\nems-roads.workspace = true";
        let complaints = check_arrows(&house("engines", rest), &[]);
        assert_eq!(complaints[0].line, 8, "{complaints:?}");
    }

    #[test]
    fn a_crate_needs_a_layer_and_stands_in_its_folder() {
        let bad = "[package]\nname = 'a'\n[package.metadata.golden-hour]\nlayer = 'attic'";
        for text in [bad, "[package]\nname = 'a'"] {
            let error = parse_member("crates/a/Cargo.toml", text).unwrap_err().to_string();
            assert!(error.contains("none of words, engines"), "{error}");
        }
        let stray = [member("apps", "ems-stray", "engines", "")];
        assert_eq!(check_arrows(&stray, &[]).len(), 1);
    }
}
