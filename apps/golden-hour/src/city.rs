//! `golden-hour city`: makes and shows city packs.

use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use ems_roads::{ImportCounts, ImportRequest, ImportStep, Overlay, Profile, import_on};
use ems_store::pack::{self, CityPack, HashingReader, Manifest, PackSource};

use crate::cores::Cores;

/// Make and show city packs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CityArgs {
    #[command(subcommand)]
    command: CityCommand,
}

#[derive(Debug, Subcommand)]
enum CityCommand {
    /// Make a city pack of an OpenStreetMap extract.
    Import(ImportArgs),
    /// Check a city pack and print what it holds.
    Show(ShowArgs),
}

const EXAMPLES: &str = "\
Examples:
  golden-hour city import heidelberg.osm.pbf --out packs/heidelberg
  golden-hour city show packs/heidelberg";

const IMPORT_EXAMPLES: &str = "\
Examples:
  golden-hour city import data/malta/malta.osm.pbf --out packs/malta \\
      --overlay data/malta/overlay.toml
  golden-hour city import heidelberg.osm.pbf --out packs/heidelberg --name Heidelberg
  golden-hour city import city.osm.pbf --out packs/city --profile my-vehicles.toml --force

Extracts of any region: https://download.geofabrik.de, cut to a city with `osmium extract`.
The driving profiles that ship are data/profiles/*.toml; copy one to change it.";

#[derive(Debug, Args)]
#[command(after_help = IMPORT_EXAMPLES)]
struct ImportArgs {
    /// The extract, in OpenStreetMap's PBF format.
    #[arg(value_name = "EXTRACT.osm.pbf")]
    extract: PathBuf,
    /// The directory to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A driving profile (TOML); without it, ambulance-blue-light.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Corrections to hospitals and stations (TOML).
    #[arg(long, value_name = "FILE")]
    overlay: Option<PathBuf>,
    /// The city's name; without it, the overlay's or the extract's file name.
    #[arg(long)]
    name: Option<String>,
    /// Replace a pack that is there already.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  golden-hour city show packs/malta")]
struct ShowArgs {
    /// The pack's directory.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

impl CityArgs {
    /// Does what was asked and prints the result.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            CityCommand::Import(args) => args.run(),
            CityCommand::Show(args) => args.run(),
        }
    }
}

impl ImportArgs {
    fn run(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        pack::check_free(&self.out, self.force)?;
        make_parent(&self.out)?;
        let request = self.request()?;
        let manifest = import_pack(&self.extract, &self.out, &request, self.force)?;
        print_manifest(&self.out, &manifest)?;
        writeln!(io::stdout(), "  seconds            {:>12.1}", start.elapsed().as_secs_f64())?;
        Ok(())
    }

    fn request(&self) -> anyhow::Result<ImportRequest> {
        let read = |path: &Path| {
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let at = |path: &Path| path.display().to_string();
        let profile = match &self.profile {
            Some(path) => Profile::parse(&read(path)?).with_context(|| at(path))?,
            None => Profile::blue_light(),
        };
        let mut overlay = match &self.overlay {
            Some(path) => Overlay::parse(&read(path)?).with_context(|| at(path))?,
            None => Overlay::default(),
        };
        let name = match &self.name {
            Some(name) => {
                overlay.set_city(name);
                name.clone()
            }
            None => city_name(&self.extract),
        };
        Ok(ImportRequest { name, profile, overlay })
    }
}

/// Imports an extract into a pack directory, telling each step on standard error.
pub(crate) fn import_pack(
    extract: &Path,
    out: &Path,
    request: &ImportRequest,
    replace: bool,
) -> anyhow::Result<Manifest> {
    let shown = extract.display();
    let file = File::open(extract)
        .with_context(|| format!("{shown} cannot be opened: check the path of the extract"))?;
    if extract.is_dir() {
        bail!("{shown} is a folder: give an extract, a file that ends in .osm.pbf");
    }
    let mut reader = HashingReader::new(BufReader::new(file));
    let mut watch = StopWatch::default();
    let city = import_on(&Cores::all(), &mut reader, request, &mut |step| watch.begin(step))
        .with_context(|| extract.display().to_string())?;
    let source = PackSource {
        file: extract.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        sha256: reader.sha256_hex(),
        imported_by: concat!("golden-hour ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    say("writing the pack ...");
    let manifest = pack::write_pack(out, &city, &source, replace)?;
    watch.tell();
    Ok(manifest)
}

/// How long the parts of an import take; writing counts as the map's.
#[derive(Default)]
struct StopWatch(Vec<(ImportStep, Instant)>);

impl StopWatch {
    fn begin(&mut self, step: ImportStep) {
        tell(step);
        self.0.push((step, Instant::now()));
    }

    fn tell(&self) {
        let begun = |wanted| self.0.iter().find(|(step, _)| *step == wanted).map(|(_, at)| *at);
        let [roads, order, places] =
            [ImportStep::Reading, ImportStep::Order, ImportStep::Places].map(begun);
        for (part, from, to) in [
            ("reading and roads", roads, order),
            ("order and hierarchy", order, places),
            ("places and map", places, Some(Instant::now())),
        ] {
            let Some((from, to)) = from.zip(to) else { continue };
            say(&format!("  {part:<19} {:>6.2} s", (to - from).as_secs_f64()));
        }
    }
}

/// Before the work, not after it: what cannot be written is known at once.
fn make_parent(out: &Path) -> anyhow::Result<()> {
    let Some(parent) = out.parent() else { return Ok(()) };
    fs::create_dir_all(parent).with_context(|| {
        format!("{} cannot be made: give an --out where you may write", parent.display())
    })
}

fn tell(step: ImportStep) {
    say(match step {
        ImportStep::Reading => "reading the extract ...",
        ImportStep::Roads => "building the road graph ...",
        ImportStep::Order => "ordering the roads for the search ...",
        ImportStep::Places => "finding hospitals and stations ...",
        ImportStep::Tiles => "drawing the map ...",
    });
}

/// Progress is a courtesy: a closed standard error stops nothing.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// The extract's file name without its endings, with a capital.
fn city_name(extract: &Path) -> String {
    let file = extract.file_name().unwrap_or_default().to_string_lossy();
    let stem = file.split('.').next().unwrap_or_default();
    let mut chars = stem.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

impl ShowArgs {
    fn run(&self) -> anyhow::Result<()> {
        let pack = CityPack::open(&self.dir)?;
        print_manifest(&self.dir, pack.manifest())?;
        writeln!(io::stdout(), "all checksums are right")?;
        Ok(())
    }
}

fn print_manifest(dir: &Path, manifest: &Manifest) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let counts = &manifest.counts;
    writeln!(out, "{} in {}", manifest.city, dir.display())?;
    writeln!(out, "  of {} (sha256 {})", manifest.source_file, manifest.source_sha256)?;
    writeln!(out, "  by {}, profile {}", manifest.imported_by, manifest.profile)?;
    writeln!(out, "  {}", manifest.attribution)?;
    let (sw, ne) = (manifest.bounds.south_west, manifest.bounds.north_east);
    writeln!(out, "  from {:.4},{:.4} to {:.4},{:.4}", sw.lat(), sw.lon(), ne.lat(), ne.lon())?;
    for (what, count) in [
        ("map nodes", counts.osm_nodes),
        ("road edges", counts.edges),
        ("island edges left out", counts.island_edges),
        ("turns", counts.turns),
        ("turn restrictions", counts.restrictions),
        ("hospitals", counts.hospitals),
        ("clinics", counts.clinics),
        ("stations mapped", counts.stations_mapped),
        ("stations placed", counts.stations_placed),
        ("defibrillators", counts.defibrillators),
        ("map tiles", counts.tiles),
        ("bytes", manifest.files.values().map(|f| f.bytes).sum()),
    ] {
        writeln!(out, "  {what:<21} {count:>10}")?;
    }
    for note in shortcomings(counts) {
        writeln!(out, "  note: {note}")?;
    }
    for complaint in &manifest.complaints {
        let example = match complaint.example.as_str() {
            "" => String::new(),
            example => format!(" (first: {example})"),
        };
        writeln!(out, "  note: {} {}{example}", complaint.count, complaint.what)?;
    }
    Ok(())
}

/// What the map does not know of an ambulance service, and what was done about it.
fn shortcomings(counts: &ImportCounts) -> Vec<String> {
    let mut notes = Vec::new();
    if counts.stations_mapped == 0 {
        let n = counts.stations_placed;
        notes.push(format!(
            "no ambulance station is mapped: {n} were placed so that no street is far from one; \
             correct them with --overlay"
        ));
    }
    if counts.hospitals == 0 {
        let remedy = "name them with --overlay, as data/malta/overlay.toml does";
        notes.push(format!("no hospital is mapped, so patients have nowhere to go: {remedy}"));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_map_does_not_know_is_said() {
        let counts = ImportCounts { stations_placed: 60, ..ImportCounts::default() };
        let notes = shortcomings(&counts);
        assert!(notes[0].starts_with("no ambulance station is mapped: 60 were placed"));
        assert!(notes[1].starts_with("no hospital is mapped"));
        let whole = ImportCounts { hospitals: 1, stations_mapped: 1, ..counts };
        assert!(shortcomings(&whole).is_empty());
    }

    #[test]
    fn a_city_is_named_after_its_extract() {
        for (path, name) in
            [("x/heidelberg.osm.pbf", "Heidelberg"), ("malta-latest.pbf", "Malta-latest")]
        {
            assert_eq!(city_name(Path::new(path)), name);
        }
    }
}
