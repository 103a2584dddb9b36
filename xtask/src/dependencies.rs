//! Each direct dependency has its row in docs/dependencies.md, and each row its dependency.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;

use crate::complaint::Complaint;

pub(crate) const TABLE_PATH: &str = "docs/dependencies.md";

/// A name and the line it stands on.
pub(crate) type Names = BTreeMap<String, usize>;

/// The names in the first column of the tables under the heading `## {heading}`.
pub(crate) fn listed(page: &str, heading: &str) -> Names {
    let mut names = Names::new();
    let mut is_inside = false;
    for (idx, line) in page.lines().enumerate() {
        if let Some(title) = line.strip_prefix("## ") {
            is_inside = title.trim() == heading;
        } else if is_inside && let Some(cell) = first_cell(line) {
            for name in cell.split('`').skip(1).step_by(2) {
                names.insert(name.to_owned(), idx + 1);
            }
        }
    }
    names
}

/// What `[workspace.dependencies]` takes from elsewhere.
pub(crate) fn of_workspace(manifest: &str) -> anyhow::Result<Names> {
    let table: toml::Table = manifest.parse().context("Cargo.toml")?;
    let entries = table
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(toml::Value::as_table)
        .context("Cargo.toml has no [workspace.dependencies]")?;
    let foreign = entries.iter().filter(|(_, value)| value.get("path").is_none());
    Ok(foreign.map(|(name, _)| (name.clone(), line_starting(manifest, name))).collect())
}

/// `dependencies` and `devDependencies` of a package.json.
pub(crate) fn of_package_json(text: &str) -> anyhow::Result<Names> {
    let package: serde_json::Value = serde_json::from_str(text).context("package.json")?;
    let mut names = Names::new();
    for section in ["dependencies", "devDependencies"] {
        let entries = package.get(section).and_then(serde_json::Value::as_object);
        for (name, _) in entries.into_iter().flatten() {
            names.insert(name.clone(), line_starting(text, &format!("\"{name}\"")));
        }
    }
    Ok(names)
}

/// Complains about names that stand on one side only. `manifest` is where `wanted` was read.
pub(crate) fn compare(manifest: &str, wanted: &Names, listed: &Names) -> Vec<Complaint> {
    let unlisted =
        wanted.iter().filter(|(name, _)| !listed.contains_key(*name)).map(|(name, at)| {
            let remedy =
                format!("add its row to {TABLE_PATH}: what it saves, licence, build seconds");
            Complaint::new(manifest, *at, format!("dependency `{name}` is not listed"), remedy)
        });
    let stale = listed.iter().filter(|(name, _)| !wanted.contains_key(*name)).map(|(name, at)| {
        let fact = format!("`{name}` is listed but {manifest} does not depend on it");
        Complaint::new(TABLE_PATH, *at, fact, "remove the row")
    });
    unlisted.chain(stale).collect()
}

/// Complains about shared dependencies that no crate takes.
pub(crate) fn check_taken(wanted: &Names, taken: &BTreeSet<String>) -> Vec<Complaint> {
    wanted
        .iter()
        .filter(|(name, _)| !taken.contains(*name))
        .map(|(name, at)| {
            Complaint::new("Cargo.toml", *at, format!("no crate takes `{name}`"), "remove it")
        })
        .collect()
}

fn first_cell(line: &str) -> Option<&str> {
    line.trim().strip_prefix('|')?.split('|').next()
}

fn line_starting(text: &str, start: &str) -> usize {
    let found = text.lines().position(|line| {
        let rest = line.trim_start().strip_prefix(start);
        rest.is_some_and(|rest| rest.starts_with([' ', '=', '.', ':']))
    });
    found.map_or(1, |idx| idx + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Names {
        list.iter().map(|name| ((*name).to_owned(), 1)).collect()
    }

    #[test]
    fn rows_are_read_under_their_heading() {
        let page = "# x\n## Rust\n| name | saves |\n|---|---|\n| `axum`, `tower` | `not` |\n\
                    ## Console\n| `svelte` | x |\n";
        for (heading, expected) in
            [("Rust", vec!["axum", "tower"]), ("Console", vec!["svelte"]), ("Other", vec![])]
        {
            let found = listed(page, heading);
            assert_eq!(found.keys().collect::<Vec<_>>(), expected, "{heading}");
        }
        assert_eq!(listed(page, "Rust")["axum"], 5);
    }

    #[test]
    fn both_manifests_are_read() {
        let manifest = "[workspace.dependencies]\nems-model = { path = 'x' }\naxum = '1'\n";
        let found = of_workspace(manifest).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("axum".to_owned(), 3)]);
        let package =
            "{\"dependencies\":{\n\"svelte\": \"5\"},\n\"devDependencies\":{\n \"vite\": \"8\"}}";
        let found = of_package_json(package).unwrap();
        assert_eq!(found["svelte"], 2);
        assert_eq!(found["vite"], 4);
    }

    #[test]
    fn both_sides_must_agree() {
        for (wanted, listed, expected) in [
            (&["axum"][..], &["axum"][..], vec![]),
            (&["axum", "toml"], &["axum"], vec!["Cargo.toml"]),
            (&["axum"], &["axum", "toml"], vec![TABLE_PATH]),
            (&[], &[], vec![]),
        ] {
            let complaints = compare("Cargo.toml", &names(wanted), &names(listed));
            let files: Vec<_> = complaints.iter().map(|c| c.file.as_str()).collect();
            assert_eq!(files, expected, "{wanted:?} {listed:?}");
        }
    }

    #[test]
    fn a_dependency_that_nobody_takes_is_found() {
        let taken = BTreeSet::from(["axum".to_owned()]);
        let complaints = check_taken(&names(&["axum", "toml"]), &taken);
        assert_eq!(complaints.len(), 1);
        assert_eq!(complaints[0].fact, "no crate takes `toml`");
    }
}
