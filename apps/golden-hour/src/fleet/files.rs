//! The folder of a city of JEMSS' tables, its files plain or packed with zstd.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ems_dispatch::CoverPatterns;
use ems_sim::{
    CityFiles, CoverFiles, FleetCity, NamedFile, Raster, SimConfig, derive_cover_patterns,
    read_cover_patterns,
};
use ruzstd::decoding::StreamingDecoder;

/// A folder with a `sim_config.xml`. A file that it names is looked for at its path in the folder,
/// then by the last part of its path alone.
pub(super) struct Folder {
    path: PathBuf,
    config: SimConfig,
}

impl Folder {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let config = SimConfig::parse(&read(&path.join("sim_config.xml"))?)?;
        Ok(Self { path: path.to_owned(), config })
    }

    pub(super) fn city_files(&self) -> anyhow::Result<CityFiles> {
        self.config.city_files(|path| self.open_path(path))
    }

    /// The path that the configuration gives to a kind of file.
    pub(super) fn named(&self, kind: &str) -> Option<&str> {
        self.config.path(kind)
    }

    /// A file by the path that a configuration gives it.
    pub(super) fn open_path(&self, path: &str) -> anyhow::Result<NamedFile> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let places = [self.path.join(path), self.path.join(name)];
        match places.iter().find_map(|place| find(place)) {
            Some(found) => read(&found),
            None => bail!("{} is missing in {}: put it there", name, self.path.display()),
        }
    }

    pub(super) fn raster(&self) -> anyhow::Result<Raster> {
        Ok(Raster::read(&self.open_path("population_raster.csv")?)?)
    }

    /// How calls are drawn: the file that the configuration names, or `gen_config.xml`.
    pub(super) fn gen_config(&self) -> anyhow::Result<NamedFile> {
        self.open_path(self.named("callGenConfig").unwrap_or("gen_config.xml"))
    }

    /// When crews work, if the folder says so.
    pub(super) fn crews(&self) -> anyhow::Result<Option<NamedFile>> {
        find(&self.path.join("crews.toml")).map(|path| read(&path)).transpose()
    }

    /// Patterns as the folder has them, or as its demand makes them.
    pub(super) fn cover_patterns(&self, city: &FleetCity) -> anyhow::Result<CoverPatterns> {
        if let Some(found) = find(&self.path.join("coverage_patterns.csv")) {
            return Ok(read_cover_patterns(&read(&found)?, city.n_stations())?);
        }
        self.derived_patterns(city, 1.0).context(
            "coverage cannot be worked out from the folder: give --coverage FILE, or put \
             coverage_patterns.csv there",
        )
    }

    /// Patterns within so many times the cover times.
    pub(super) fn derived_patterns(
        &self,
        city: &FleetCity,
        stretch: f64,
    ) -> anyhow::Result<CoverPatterns> {
        let open = |kind: &str| {
            let path = self.named(kind);
            let missing = || format!("sim_config.xml names no <{kind}>");
            self.open_path(path.with_context(missing)?)
        };
        let files = CoverFiles { demand: open("demand")?, cover_times: open("demandCoverage")? };
        Ok(derive_cover_patterns(city, &files, &self.raster()?, stretch)?)
    }
}

/// The file itself, or packed beside.
fn find(path: &Path) -> Option<PathBuf> {
    let mut packed = path.as_os_str().to_owned();
    packed.push(".zst");
    [path.to_owned(), packed.into()].into_iter().find(|path| path.is_file())
}

/// Reads a file, unpacked if its name ends in `.zst`.
pub(super) fn read(path: &Path) -> anyhow::Result<NamedFile> {
    let name = path.display().to_string();
    let bytes =
        std::fs::read(path).with_context(|| format!("{name} cannot be read: check the path"))?;
    if path.extension().is_none_or(|end| end != "zst") {
        return Ok(NamedFile::new(name, &bytes));
    }
    let mut unpacked = Vec::new();
    let torn = || format!("{name} cannot be unpacked: pack it anew with zstd");
    StreamingDecoder::new(bytes.as_slice())
        .map_err(|error| anyhow::anyhow!("{error}"))
        .with_context(torn)?
        .read_to_end(&mut unpacked)
        .with_context(torn)?;
    Ok(NamedFile::new(name, &unpacked))
}
