//! A table of cover as a file.

use crate::{Cover, PlanError};

/// A coverage table as text: a first line that names its columns, the first of them the demand, one
/// more for each site; then a line for each demand point, or for all points that the same sites
/// cover: its weight, and 1 for each site that covers it, else 0.
#[derive(Debug, Clone, PartialEq)]
pub struct PatternFile {
    /// The names of the sites.
    pub sites: Vec<String>,
    /// The table.
    pub cover: Cover,
}

/// What is wrong with such a text, and in which line.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum PatternFileError {
    /// The first line names no site.
    #[error("line 1 names no site: name the demand and the sites, such as demand,s1,s2")]
    NoSites,
    /// A line has too many cells or too few.
    #[error("line {line} has {n} cells, the first line {n_wanted}: give a cell for each column")]
    Cells {
        /// Its number.
        line: usize,
        /// Its cells.
        n: usize,
        /// The columns.
        n_wanted: usize,
    },
    /// A demand that is no number.
    #[error("line {line}: demand \"{cell}\" is no number: give calls, such as 8.4")]
    Demand {
        /// The line's number.
        line: usize,
        /// What is there.
        cell: String,
    },
    /// A mark that is neither 0 nor 1.
    #[error("line {line}: \"{cell}\" for site {site} is neither 0 nor 1: give 1 where it covers")]
    Mark {
        /// The line's number.
        line: usize,
        /// The site's name.
        site: String,
        /// What is there.
        cell: String,
    },
    /// No line below the first.
    #[error("no demand below line 1: give a line for each demand point")]
    NoDemand,
    /// A table that cannot be.
    #[error(transparent)]
    Table(#[from] PlanError),
}

impl PatternFile {
    /// Reads a table. Cost: its length.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn parse(text: &str) -> Result<Self, PatternFileError> {
        let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
        let header = lines.next().map_or("", |(_, line)| line);
        let sites: Vec<String> = header.split(',').skip(1).map(|s| s.trim().to_owned()).collect();
        if sites.is_empty() {
            return Err(PatternFileError::NoSites);
        }
        let rows = lines.filter(|(_, line)| !line.trim().is_empty());
        let rows: Result<Vec<_>, _> = rows.map(|(line, row)| read_row(line, row, &sites)).collect();
        let (weights, sites_of): (Vec<f64>, Vec<Vec<usize>>) = rows?.into_iter().unzip();
        if weights.is_empty() {
            return Err(PatternFileError::NoDemand);
        }
        Ok(Self { cover: Cover::new(sites.len(), weights, sites_of)?, sites })
    }
}

fn read_row(
    line: usize,
    row: &str,
    sites: &[String],
) -> Result<(f64, Vec<usize>), PatternFileError> {
    let cells: Vec<&str> = row.split(',').map(str::trim).collect();
    if cells.len() != sites.len() + 1 {
        return Err(PatternFileError::Cells { line, n: cells.len(), n_wanted: sites.len() + 1 });
    }
    let demand = cells[0].parse();
    let demand =
        demand.map_err(|_| PatternFileError::Demand { line, cell: cells[0].to_owned() })?;
    let mut covering = Vec::new();
    for (site, &cell) in cells[1..].iter().enumerate() {
        match cell {
            "1" => covering.push(site),
            "0" => {}
            _ => {
                let (site, cell) = (sites[site].clone(), cell.to_owned());
                return Err(PatternFileError::Mark { line, site, cell });
            }
        }
    }
    Ok((demand, covering))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_and_a_bad_one_named_by_its_line() {
        let file = PatternFile::parse("\u{feff}demand,a,b\r\n2.5,1,0\r\n\r\n1,0,0\r\n").unwrap();
        assert_eq!(file.sites, ["a", "b"]);
        assert_eq!((file.cover.n_points(), file.cover.sites_of(0)), (2, &[0][..]));
        for (text, part) in [
            ("", "names no site"),
            ("demand\n1\n", "names no site"),
            ("d,a\n", "no demand below"),
            ("d,a\n1\n", "line 2 has 1 cells, the first line 2"),
            ("d,a\n1,0\nx,1\n", "line 3: demand \"x\""),
            ("d,a\n1,2\n", "line 2: \"2\" for site a"),
            ("d,a\n-1,1\n", "weight -1 is outside"),
            ("d,a\nnan,1\n", "weight NaN is outside"),
        ] {
            let error = PatternFile::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
