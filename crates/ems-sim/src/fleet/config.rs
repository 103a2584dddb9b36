//! The two XML files of a JEMSS city: which files it has, and how its calls are drawn.

use roxmltree::{Document, Node};

use super::city::CityFiles;
use super::table::NamedFile;

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No XML.
    #[error("{file}: {cause}: correct the XML there")]
    Xml {
        /// The file.
        file: String,
        /// What the reader says, with line and column.
        cause: String,
    },
    /// An element that is missing.
    #[error("{file}: <{element}> is missing in <{parent}>: add it")]
    Missing {
        /// The file.
        file: String,
        /// The element.
        element: String,
        /// Where it should be.
        parent: String,
    },
    /// An element whose text cannot be.
    #[error("{file} line {line}: <{element}> \"{value}\" is not {wanted}: correct it")]
    Value {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u32,
        /// The element.
        element: String,
        /// What stands there, shortened.
        value: String,
        /// What may stand there.
        wanted: String,
    },
}

/// The files that a `sim_config.xml` names, by what they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimConfig {
    file: String,
    names: Vec<(String, String)>,
}

impl SimConfig {
    /// Reads the names below `<simFiles>`.
    pub fn parse(file: &NamedFile) -> Result<Self, ConfigError> {
        let document = parse(file)?;
        let files = child(file, document.root_element(), "simFiles")?;
        let named = files.children().filter(Node::is_element);
        let name = |node: Node<'_, '_>| {
            let path = node.text().unwrap_or("").trim();
            (node.tag_name().name().to_owned(), path.to_owned())
        };
        Ok(Self { file: file.name.clone(), names: named.map(name).collect() })
    }

    /// The path that stands for a kind of file, as `arcs`.
    pub fn path(&self, kind: &str) -> Option<&str> {
        self.names.iter().find(|(own, _)| own == kind).map(|(_, path)| path.as_str())
    }

    /// The files of the city; `open` is given each path.
    pub fn city_files<E: From<ConfigError>>(
        &self,
        mut open: impl FnMut(&str) -> Result<NamedFile, E>,
    ) -> Result<CityFiles, E> {
        let mut file = |kind: &str| {
            let missing = || ConfigError::Missing {
                file: self.file.clone(),
                element: kind.to_owned(),
                parent: "simFiles".to_owned(),
            };
            open(self.path(kind).ok_or_else(missing)?)
        };
        Ok(CityFiles {
            arcs: file("arcs")?,
            nodes: file("nodes")?,
            stations: file("stations")?,
            hospitals: file("hospitals")?,
            ambulances: file("ambulances")?,
            priorities: file("priorities")?,
            travel: file("travel")?,
            map: file("map")?,
            redispatch: self.path("redispatch").map(&mut open).transpose()?,
        })
    }
}

pub(crate) fn parse(file: &NamedFile) -> Result<Document<'_>, ConfigError> {
    Document::parse(&file.text)
        .map_err(|error| ConfigError::Xml { file: file.name.clone(), cause: error.to_string() })
}

pub(crate) fn child<'a, 'i>(
    file: &NamedFile,
    parent: Node<'a, 'i>,
    element: &str,
) -> Result<Node<'a, 'i>, ConfigError> {
    let found = parent.children().find(|node| node.has_tag_name(element));
    found.ok_or_else(|| ConfigError::Missing {
        file: file.name.clone(),
        element: element.to_owned(),
        parent: parent.tag_name().name().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "<simConfig><simFiles><!-- <calls>no.csv</calls> -->\
        <arcs>travel/roads/arcs.csv</arcs></simFiles></simConfig>";

    #[test]
    fn files_are_named_and_what_is_missing_is_told() {
        let config = SimConfig::parse(&NamedFile::new("sim.xml", CONFIG.as_bytes())).unwrap();
        assert_eq!(config.path("arcs"), Some("travel/roads/arcs.csv"));
        assert_eq!(config.path("calls"), None);
        let open = |path: &str| Ok::<_, ConfigError>(NamedFile::new(path, b""));
        assert_eq!(
            config.city_files(open).unwrap_err().to_string(),
            "sim.xml: <nodes> is missing in <simFiles>: add it"
        );
        let torn = SimConfig::parse(&NamedFile::new("sim.xml", b"<simConfig>")).unwrap_err();
        assert!(torn.to_string().starts_with("sim.xml: "), "{torn}");
    }
}
