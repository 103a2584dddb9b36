//! The licences of everything that is built in, read from cargo and from npm's lock file.
//!
//! A licence passes when it is known to be permissive (or MPL-2.0, whose copyleft ends at the
//! file). Of alternatives one is enough. What is not on the list fails until a person has read it.

use anyhow::{Context, bail};
use serde_json::Value;

use crate::complaint::Complaint;

const PERMISSIVE: [&str; 22] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "bzip2-1.0.6",
    "CC-BY-4.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "NCSA",
    "OFL-1.1",
    "OpenSSL",
    "Python-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Licences that were seen and refused, for a clearer word than "unknown".
const REFUSED: [&str; 6] = ["GPL", "AGPL", "LGPL", "SSPL", "BUSL", "WTFPL"];

/// A package and what it says of its licence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
}

/// The packages of `cargo metadata --format-version 1` that are not our own.
pub(crate) fn of_metadata(json: &str) -> anyhow::Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(json).context("cargo metadata")?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("no packages")?;
    let foreign = packages.iter().filter(|package| !package["source"].is_null());
    Ok(foreign.map(|package| package_of(&word(package, "name"), package)).collect())
}

/// The packages of a package-lock.json (version 3).
pub(crate) fn of_package_lock(json: &str) -> anyhow::Result<Vec<Package>> {
    let lock: Value = serde_json::from_str(json).context("package-lock.json")?;
    let packages = lock.get("packages").and_then(Value::as_object).context("no packages")?;
    let foreign = packages.iter().filter(|(path, _)| !path.is_empty());
    Ok(foreign
        .map(|(path, package)| {
            let name = path.rsplit("node_modules/").next().unwrap_or(path);
            package_of(name, package)
        })
        .collect())
}

/// Complains about each package without an acceptable licence. `lock` is the lock file's path.
pub(crate) fn check(lock: &str, lock_text: &str, packages: &[Package]) -> Vec<Complaint> {
    packages
        .iter()
        .filter_map(|package| {
            let fact = refusal(package)?;
            let remedy = "take another package, or, when its licence was read and is permissive, \
                          add it to PERMISSIVE in xtask/src/licences.rs";
            Some(Complaint::new(lock, line_of(lock_text, &package.name), fact, remedy))
        })
        .collect()
}

fn refusal(package: &Package) -> Option<String> {
    let Package { name, version, licence } = package;
    let Some(licence) = licence else {
        return Some(format!("{name} {version} states no licence"));
    };
    match is_acceptable(licence) {
        Ok(true) => None,
        Ok(false) if names_refused(licence) => {
            Some(format!("{name} {version} is under {licence}, which we cannot ship"))
        }
        Ok(false) => Some(format!("{name} {version} is under {licence}, which is not on the list")),
        Err(error) => Some(format!("{name} {version}: licence `{licence}` is unclear ({error})")),
    }
}

/// Evaluates an SPDX expression; `/` is an old way to write OR.
pub(crate) fn is_acceptable(expression: &str) -> anyhow::Result<bool> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { tokens: &tokens };
    let verdict = reader.either()?;
    if let Some(extra) = reader.tokens.first() {
        bail!("`{extra}` was not expected");
    }
    Ok(verdict)
}

/// Reads an expression from the left: OR binds least, then AND, then WITH.
struct Reader<'a> {
    tokens: &'a [&'a str],
}

impl Reader<'_> {
    fn either(&mut self) -> anyhow::Result<bool> {
        let mut verdict = self.all()?;
        while self.take("OR") {
            verdict |= self.all()?;
        }
        Ok(verdict)
    }

    fn all(&mut self) -> anyhow::Result<bool> {
        let mut verdict = self.one()?;
        while self.take("AND") {
            verdict &= self.one()?;
        }
        Ok(verdict)
    }

    fn one(&mut self) -> anyhow::Result<bool> {
        if self.take("(") {
            let verdict = self.either()?;
            if !self.take(")") {
                bail!("a bracket is not closed");
            }
            return Ok(verdict);
        }
        let Some((&name, rest)) = self.tokens.split_first() else { bail!("it ends too early") };
        if [")", "OR", "AND", "WITH"].contains(&name) {
            bail!("`{name}` stands where a licence should");
        }
        self.tokens = rest;
        if self.take("WITH") {
            self.tokens = self.tokens.get(1..).context("WITH needs an exception")?;
        }
        Ok(PERMISSIVE.contains(&name.trim_end_matches('+')))
    }

    fn take(&mut self, wanted: &str) -> bool {
        let is_next = self.tokens.first() == Some(&wanted);
        if is_next {
            self.tokens = &self.tokens[1..];
        }
        is_next
    }
}

fn names_refused(licence: &str) -> bool {
    let mut words = licence.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| REFUSED.contains(&word))
}

fn package_of(name: &str, package: &Value) -> Package {
    Package {
        name: name.to_owned(),
        version: word(package, "version"),
        licence: package["license"].as_str().map(str::to_owned),
    }
}

fn word(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn line_of(lock_text: &str, name: &str) -> usize {
    let (cargo, npm) = (format!("name = \"{name}\""), format!("node_modules/{name}\""));
    let found = lock_text.lines().position(|line| line == cargo || line.contains(&npm));
    found.map_or(1, |idx| idx + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_permissive_alternative_is_enough() {
        for (expression, ok) in [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("MIT OR GPL-3.0-only", true),
            ("GPL-3.0-or-later", false),
            ("AGPL-3.0", false),
            ("LGPL-2.1", false),
            ("WTFPL", false),
            ("Apache-2.0 OR LGPL-2.1-or-later OR MIT", true),
            ("MIT AND GPL-2.0", false),
            ("MIT AND (GPL-2.0 OR BSD-3-Clause)", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("GPL-2.0 OR MIT AND LGPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
            ("GPL-2.0 WITH Classpath-exception-2.0", false),
            ("Apache-2.0+", true),
            ("SEE LICENSE IN x", false),
        ] {
            assert_eq!(is_acceptable(expression).unwrap_or(false), ok, "{expression}");
        }
        for broken in ["", "MIT OR", "(MIT", "MIT MIT", "MIT WITH", ")"] {
            assert!(is_acceptable(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_refusal_says_which_and_why() {
        for (licence, expected) in [
            (Some("MIT"), None),
            (None, Some("a 1.0 states no licence")),
            (Some("LGPL-2.1"), Some("a 1.0 is under LGPL-2.1, which we cannot ship")),
            (Some("Beerware"), Some("a 1.0 is under Beerware, which is not on the list")),
            (Some("(MIT"), Some("a 1.0: licence `(MIT` is unclear (a bracket is not closed)")),
        ] {
            let licence = licence.map(str::to_owned);
            let package = Package { name: "a".to_owned(), version: "1.0".to_owned(), licence };
            assert_eq!(refusal(&package).as_deref(), expected, "{package:?}");
        }
    }

    #[test]
    fn packages_are_read_from_both_clients() {
        let cargo = r#"{"packages":[{"name":"ours","version":"0.1.0","source":null},
            {"name":"axum","version":"0.8.9","source":"registry","license":"MIT"}]}"#;
        let npm = r#"{"packages":{"":{"name":"web"},
            "node_modules/a/node_modules/@x/b":{"version":"2.0.0","license":"ISC"}}}"#;
        let name_of = |packages: Vec<Package>| packages.into_iter().map(|p| p.name).collect();
        let found: Vec<String> = name_of(of_metadata(cargo).unwrap());
        assert_eq!(found, ["axum"]);
        let found: Vec<String> = name_of(of_package_lock(npm).unwrap());
        assert_eq!(found, ["@x/b"]);
    }

    #[test]
    fn a_complaint_names_the_line_in_the_lock_file() {
        let lock = "[[package]]\nname = \"a\"\n[[package]]\nname = \"b\"\n";
        let package = Package { name: "b".to_owned(), version: "1".to_owned(), licence: None };
        assert_eq!(check("Cargo.lock", lock, &[package])[0].line, 4);
    }
}
