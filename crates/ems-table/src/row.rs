//! A row, and what its values mean.

use std::ops::RangeInclusive;

use ems_model::Position;

use crate::decimal::decimal;
use crate::error::{TableError, shorten};
use crate::split::Lines;

/// A column of one table, found once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub(crate) place: usize,
}

/// A row of a table, while it is read.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    pub(crate) lines: &'r Lines<'r>,
    pub(crate) names: &'r [String],
}

impl<'r> Row<'r> {
    /// Its line in the file, from 1.
    pub fn line(&self) -> usize {
        self.lines.number()
    }

    /// The value of a column, which may be empty; an error where the row ends before it.
    #[inline]
    pub fn text(&self, column: Column) -> Result<&'r str, TableError> {
        self.lines.value(column.place).ok_or_else(|| self.ill_fitting())
    }

    /// The value of a column, if there is one.
    pub fn given(&self, column: Column) -> Option<&'r str> {
        self.lines.value(column.place).filter(|value| !value.is_empty())
    }

    /// The value of a column as `read` understands it. `wanted` completes "is not …" with what may
    /// stand there, and how to mend it.
    pub fn read<T>(
        &self,
        column: Column,
        wanted: &str,
        read: impl FnOnce(&'r str) -> Option<T>,
    ) -> Result<T, TableError> {
        read(self.text(column)?).ok_or_else(|| self.wrong(column, wanted))
    }

    /// A number within a range; never NaN.
    pub fn number(&self, column: Column, range: RangeInclusive<f64>) -> Result<f64, TableError> {
        let number = decimal(self.text(column)?).filter(|number| range.contains(number));
        number.ok_or_else(|| {
            let (min, max) = range.into_inner();
            self.wrong(column, &format!("a number within {min}..={max}: correct it"))
        })
    }

    /// A place on Earth from its latitude and longitude.
    pub fn position(&self, [lat, lon]: [Column; 2]) -> Result<Position, TableError> {
        let degrees = |column, limit: f64, wanted| {
            let within = |degrees: &f64| degrees.abs() <= limit;
            self.read(column, wanted, |text| decimal(text).filter(within))
        };
        let lat = degrees(lat, 90.0, "a latitude: give degrees of WGS 84 within ±90")?;
        let lon = degrees(lon, 180.0, "a longitude: give degrees of WGS 84 within ±180")?;
        Ok(Position::from_degrees(lat, lon).expect("both are within their limits"))
    }

    /// Complains of a value; `wanted` as of [`Row::read`].
    #[cold]
    pub fn wrong(&self, column: Column, wanted: &str) -> TableError {
        TableError::Value {
            line: self.line(),
            column: shorten(&self.names[column.place]),
            value: shorten(self.lines.value(column.place).unwrap_or_default()),
            wanted: wanted.to_owned(),
        }
    }

    /// Whether nothing stands beyond the columns.
    #[inline]
    pub(crate) fn check_width(&self) -> Result<(), TableError> {
        let mut beyond = self.names.len()..self.lines.n_values();
        if beyond.all(|place| self.lines.value(place).is_none_or(str::is_empty)) {
            Ok(())
        } else {
            Err(self.ill_fitting())
        }
    }

    #[cold]
    fn ill_fitting(&self) -> TableError {
        TableError::Width {
            line: self.line(),
            n_values: self.lines.n_values(),
            n_columns: self.names.len(),
        }
    }
}
