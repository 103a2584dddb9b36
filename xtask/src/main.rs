//! Checks that the compiler does not make: `cargo xtask tidy` and `cargo xtask licences`.
//!
//! Each check is a pure function over text that returns [`complaint::Complaint`]s; reading files
//! and starting git and cargo is done here and in [`tree`]. docs/development.md lists the rules.

mod complaint;
mod dependencies;
mod layers;
mod lengths;
mod licences;
mod ratchet;
mod rust_text;
mod sources;
mod tree;
mod words;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::complaint::Complaint;
use crate::layers::Member;
use crate::ratchet::{Length, Ratchet, Subject};
use crate::tree::SourceFile;

const USAGE: &str = "\
usage: cargo xtask COMMAND
  tidy      layers, lengths, names, words, sources, listed dependencies
  licences  the licence of every package that is built in
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let result = match command.as_str() {
        "tidy" => tidy(&root()),
        "licences" => check_licences(&root()),
        "help" | "--help" | "-h" => Ok(Report { lines: vec![USAGE.to_owned()], n_complaints: 0 }),
        other => Err(anyhow::anyhow!("`{other}` is no command\n{USAGE}")),
    };
    match result {
        Ok(report) => report.print(),
        Err(error) => {
            // A closed pipe leaves nobody to tell.
            let _ = writeln!(std::io::stderr(), "xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// What to print and whether it is bad.
struct Report {
    lines: Vec<String>,
    n_complaints: usize,
}

impl Report {
    fn new(command: &str, subject: &str, mut complaints: Vec<Complaint>) -> Self {
        complaints.sort();
        complaints.dedup();
        let n_complaints = complaints.len();
        let mut lines: Vec<String> = complaints.iter().map(ToString::to_string).collect();
        lines.push(format!("{command}: {subject}, {n_complaints} complaints"));
        Self { lines, n_complaints }
    }

    fn print(&self) -> ExitCode {
        let mut out = std::io::stdout().lock();
        for line in &self.lines {
            // A closed pipe leaves nobody to tell; the exit code still does.
            let _ = writeln!(out, "{line}");
        }
        if self.n_complaints == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// cargo sets the variable for `cargo run`; else the command runs at the root.
fn root() -> PathBuf {
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => Path::new(&folder).join(".."),
        None => PathBuf::from("."),
    }
}

fn tidy(root: &Path) -> anyhow::Result<Report> {
    let files = tree::read_tree(root)?;
    let mut complaints = Vec::new();
    for file in &files {
        complaints.extend(check_file(file));
    }
    complaints.extend(sources::check_sources(&files));
    let members = read_members(&files)?;
    complaints.extend(check_layers(&files, &members));
    complaints.extend(check_dependencies(&files, &members)?);
    let lengths = measure(&files);
    let ratchet = Ratchet::parse(text_at(&files, ratchet::RATCHET_PATH).unwrap_or_default())?;
    complaints.extend(ratchet::judge(&lengths, &ratchet));

    let subject = format!("{} files, {} crates", files.len(), members.len());
    let mut report = Report::new("tidy", &subject, complaints);
    report.lines.splice(0..0, notes(&lengths));
    Ok(report)
}

/// The checks that look at one file alone.
fn check_file(file: &SourceFile) -> Vec<Complaint> {
    let mut complaints: Vec<Complaint> = words::check_name(&file.path).into_iter().collect();
    let Some(text) = &file.text else { return complaints };
    complaints.extend(words::check_places(&file.path, text));
    complaints.extend(words::check_lock(&file.path, text));
    if file.has_suffix(".rs") {
        let blanked = rust_text::blank_out(text);
        complaints.extend(lengths::check_lines(&file.path, text, &blanked));
        complaints.extend(words::check_unfinished(&file.path, &blanked));
    }
    complaints
}

fn measure(files: &[SourceFile]) -> Vec<Length> {
    let measured = files.iter().filter(|file| lengths::is_measured(&file.path));
    measured
        .filter_map(|file| Some(lengths::measure(file, file.text.as_deref()?)))
        .flatten()
        .collect()
}

/// Files over the aim but under the limit: said, not counted.
fn notes(lengths: &[Length]) -> Vec<String> {
    let aim = lengths::FILE_LINES_AIM;
    let over = aim + 1..=lengths::FILE_LINES_MAX;
    lengths
        .iter()
        .filter_map(|length| match &length.subject {
            Subject::File { file } if over.contains(&length.n_lines) => {
                Some(format!("note: {file} has {} lines without tests, aim {aim}", length.n_lines))
            }
            _ => None,
        })
        .collect()
}

/// Every Cargo.toml of the workspace but the root's; fuzz and bench are their own workspaces.
fn read_members(files: &[SourceFile]) -> anyhow::Result<Vec<Member>> {
    let is_member = |path: &str| {
        let parts: Vec<&str> = path.split('/').collect();
        matches!(parts[..], ["crates" | "apps", _, "Cargo.toml"] | ["xtask", "Cargo.toml"])
    };
    files
        .iter()
        .filter(|file| is_member(&file.path))
        .map(|file| layers::parse_member(&file.path, file.text.as_deref().unwrap_or_default()))
        .collect()
}

fn check_layers(files: &[SourceFile], members: &[Member]) -> Vec<Complaint> {
    let page = text_at(files, layers::ARCHITECTURE_PATH).unwrap_or_default();
    let (arrows, mut complaints) = layers::parse_arrows(page);
    complaints.extend(layers::check_arrows(members, &arrows));
    complaints
}

fn check_dependencies(files: &[SourceFile], members: &[Member]) -> anyhow::Result<Vec<Complaint>> {
    let page = text_at(files, dependencies::TABLE_PATH)
        .with_context(|| format!("{} is missing", dependencies::TABLE_PATH))?;
    let manifest = text_at(files, "Cargo.toml").context("Cargo.toml is missing")?;
    let wanted = dependencies::of_workspace(manifest)?;
    let taken: BTreeSet<String> =
        members.iter().flat_map(Member::dependency_names).map(str::to_owned).collect();
    let mut complaints =
        dependencies::compare("Cargo.toml", &wanted, &dependencies::listed(page, "Rust"));
    complaints.extend(dependencies::check_taken(&wanted, &taken));
    if let Some(package) = text_at(files, "web/package.json") {
        let wanted = dependencies::of_package_json(package)?;
        let listed = dependencies::listed(page, "Console");
        complaints.extend(dependencies::compare("web/package.json", &wanted, &listed));
    }
    Ok(complaints)
}

fn check_licences(root: &Path) -> anyhow::Result<Report> {
    let packages = licences::of_metadata(&cargo_metadata(root)?)?;
    let lock = read(root, "Cargo.lock")?;
    let mut complaints = licences::check("Cargo.lock", &lock, &packages);
    let mut subject = format!("{} crates", packages.len());
    let web_lock = "web/package-lock.json";
    if root.join(web_lock).exists() {
        let lock = read(root, web_lock)?;
        let packages = licences::of_package_lock(&lock)?;
        complaints.extend(licences::check(web_lock, &lock, &packages));
        subject = format!("{subject}, {} npm packages", packages.len());
    }
    Ok(Report::new("licences", &subject, complaints))
}

/// For this machine's platform only: others would be downloaded just to read their licence.
fn cargo_metadata(root: &Path) -> anyhow::Result<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let version = run(root, "rustc", &["-vV"])?;
    let platform = version.lines().find_map(|line| line.strip_prefix("host: "));
    let platform = platform.context("rustc -vV names no host")?;
    run(root, &cargo, &["metadata", "--format-version", "1", "--filter-platform", platform])
}

fn run(root: &Path, program: &str, args: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(root)
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {} failed: {}", args.join(" "), words.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{program} did not print UTF-8"))
}

fn text_at<'a>(files: &'a [SourceFile], path: &str) -> Option<&'a str> {
    files.iter().find(|file| file.path == path).and_then(|file| file.text.as_deref())
}

fn read(root: &Path, path: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))
}
