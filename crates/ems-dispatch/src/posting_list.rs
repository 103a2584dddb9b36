//! A list of stations in the order in which they are to be filled.

/// Stations in the order in which freed units fill them, as often as each is to have a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingList {
    stations: Vec<usize>,
    n_waiting: Vec<u32>,
}

/// A list names a station that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("station {station} of the list is outside 1..={n_stations}: correct the list")]
pub struct NoSuchStation {
    station: usize,
    n_stations: usize,
}

impl PostingList {
    /// Stations from 0, of `n_stations` there are; no unit has joined yet.
    pub fn new(stations: Vec<usize>, n_stations: usize) -> Result<Self, NoSuchStation> {
        match stations.iter().find(|&&station| station >= n_stations) {
            Some(station) => Err(NoSuchStation { station: station + 1, n_stations }),
            None => Ok(Self { stations, n_waiting: vec![0; n_stations] }),
        }
    }

    pub(crate) fn add(&mut self, station: usize, n: u32) {
        let count = &mut self.n_waiting[station];
        *count = count.wrapping_add(n);
    }

    /// The first station of the list that lacks a unit.
    pub(crate) fn lacking(&self) -> Option<usize> {
        let mut left = self.n_waiting.clone();
        let lacks = |&station: &usize| {
            let is_empty = left[station] == 0;
            left[station] = left[station].saturating_sub(1);
            is_empty
        };
        self.stations.iter().copied().find(lacks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freed_unit_fills_the_first_place_that_lacks_one() {
        let mut list = PostingList::new(vec![2, 0, 2, 1], 3).unwrap();
        let mut sent = Vec::new();
        for _ in 0..5 {
            sent.push(list.lacking().unwrap_or(1));
            list.add(sent[sent.len() - 1], 1);
        }
        assert_eq!(sent, [2, 0, 2, 1, 1]);
        list.add(2, u32::MAX);
        assert_eq!(list.lacking(), Some(2));
        let error = PostingList::new(vec![3], 3).unwrap_err().to_string();
        assert_eq!(error, "station 4 of the list is outside 1..=3: correct the list");
    }
}
