//! Data files: the districts and unions of Jining, and invented unions and rosters for the demo.
//! Files are CSV, so that a union's office can read and mend them; `../../seed/README.md` says what
//! the columns mean.

use std::io::Read;

use niangjia_domain::{
    kernel::{DistrictCode, Place},
    membership::{
        UnionSeed,
        occupation::Occupation,
        platform::Platform,
        unions::{
            district::District,
            union::{Charter, UnionKind},
        },
    },
};
use serde::Deserialize;

const DISTRICTS: &str = include_str!("../../seed/districts.csv");
const UNIONS: &str = include_str!("../../seed/unions.csv");
const DEMO_UNIONS: &str = include_str!("../../seed/demo-unions.csv");
const DEMO_ROSTER: &str = include_str!("../../seed/demo-roster.csv");

/// A data file that cannot be read. Never repeats what the row says.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("not a CSV file with the expected heading, or not UTF-8: {0}")]
    Shape(String),
    #[error("row {row}: {column} is not valid")]
    Value { row: usize, column: &'static str },
}

/// The city and its counties.
pub fn districts() -> Result<Vec<District>, SeedError> {
    rows::<DistrictRow>(DISTRICTS.as_bytes())?
        .into_iter()
        .enumerate()
        .map(|(n, row)| row.district(n + 1))
        .collect()
}

/// The federations and their holding pools.
pub fn unions() -> Result<Vec<UnionSeed>, SeedError> {
    union_seeds(UNIONS)
}

/// Invented grass-roots unions, marked as demo.
pub fn demo_unions() -> Result<Vec<UnionSeed>, SeedError> {
    union_seeds(DEMO_UNIONS)
}

/// Invented workers whom a demo union expects, as a file to import; their ID numbers belong to a
/// place that does not exist.
pub fn demo_roster() -> Vec<u8> {
    DEMO_ROSTER.as_bytes().to_vec()
}

fn rows<T: for<'de> Deserialize<'de>>(file: impl Read) -> Result<Vec<T>, SeedError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| SeedError::Shape(place_of(&error)))
}

/// Where the file breaks; the error's own text may quote a cell.
fn place_of(error: &csv::Error) -> String {
    error.position().map_or_else(
        || "at its start".to_owned(),
        |position| format!("line {}", position.line()),
    )
}

fn union_seeds(file: &str) -> Result<Vec<UnionSeed>, SeedError> {
    rows::<UnionRow>(file.as_bytes())?
        .into_iter()
        .enumerate()
        .map(|(n, row)| row.seed(n + 1))
        .collect()
}

#[derive(Deserialize)]
struct DistrictRow {
    code: String,
    name: String,
    lng: f64,
    lat: f64,
}

impl DistrictRow {
    fn district(self, row: usize) -> Result<District, SeedError> {
        let invalid = |column| SeedError::Value { row, column };
        Ok(District {
            code: DistrictCode::parse(&self.code).map_err(|_| invalid("code"))?,
            centre: Place::new(self.lng, self.lat).map_err(|_| invalid("lng"))?,
            name: self.name,
        })
    }
}

#[derive(Deserialize)]
struct UnionRow {
    parent: Option<String>,
    name: String,
    kind: String,
    district: String,
    occupation: Option<String>,
    platform: Option<String>,
}

impl UnionRow {
    fn seed(self, row: usize) -> Result<UnionSeed, SeedError> {
        let invalid = |column| SeedError::Value { row, column };
        let occupation = self
            .occupation
            .map(|code| Occupation::parse(&code).ok_or_else(|| invalid("occupation")));
        let platform = self
            .platform
            .map(|code| Platform::parse(&code).ok_or_else(|| invalid("platform")));
        let charter = Charter {
            name: self.name,
            kind: UnionKind::parse(&self.kind).ok_or_else(|| invalid("kind"))?,
            district: DistrictCode::parse(&self.district).map_err(|_| invalid("district"))?,
            occupation: occupation.transpose()?,
            platform: platform.transpose()?,
        };
        Ok(UnionSeed {
            parent: self.parent,
            charter,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_in_the_house_are_readable() {
        assert_eq!(districts().unwrap().len(), 12);
        let (unions, districts) = (unions().unwrap(), districts().unwrap());
        for district in districts {
            let pools = unions
                .iter()
                .filter(|seed| seed.charter.kind == UnionKind::Pool);
            let here = pools.filter(|seed| seed.charter.district == district.code);
            assert_eq!(here.count(), 1, "one pool in {}", district.name);
        }
        assert!(!demo_unions().unwrap().is_empty());
    }

    #[test]
    fn a_broken_file_is_named_by_line_and_never_quoted() {
        let error = rows::<DistrictRow>("code,name\n370811,张三\n".as_bytes())
            .err()
            .unwrap();
        assert!(!error.to_string().contains("张三"));
    }
}
