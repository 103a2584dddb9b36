//! The city that a centre serves: roads, hospitals, stations.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use ems_model::{HospitalId, HospitalProfile, Millis, StationProfile};
use ems_roads::{Roads, SNAP_METRES_MAX, Snap};

use crate::cover::{Demand, Reach};
use crate::drive_times::DriveTimes;
use crate::look_ahead::Ground;

/// The city that a centre serves.
#[derive(Debug, Clone)]
pub struct City {
    /// Its name.
    pub name: String,
    /// Whose map it is.
    pub attribution: String,
    /// Its roads, as they are without traffic.
    pub roads: Arc<Roads>,
    /// Its hospitals.
    pub hospitals: Vec<HospitalProfile>,
    /// Its ambulance stations.
    pub stations: Vec<StationProfile>,
    /// What is known of drive times there, beside the map.
    pub drive_times: DriveTimes,
    /// Where calls are expected.
    pub demand: Demand,
}

impl City {
    /// The city of a pack.
    pub fn new(roads: Arc<Roads>, places: &ems_roads::Places) -> Self {
        Self {
            name: places.name.clone(),
            attribution: places.attribution.clone(),
            roads,
            hospitals: places.hospitals.clone(),
            stations: places.stations.clone(),
            drive_times: DriveTimes::default(),
            demand: Demand::Streets,
        }
    }
}

/// What changes with the traffic only about a city's places, and would cost a search each time.
#[derive(Debug)]
pub(crate) struct Places {
    /// The hospitals that have a road to them.
    hospitals: Vec<(HospitalId, Snap)>,
    /// What each station reaches.
    pub(crate) reach: Reach,
    /// What a look ahead is played on, once one was asked for.
    ground: OnceLock<Ground>,
}

impl Places {
    /// Cost: one one-to-many search a station to all stations and all places of demand.
    pub(crate) fn of(city: &City, roads: &Roads) -> Self {
        let snap = |position| roads.snap_open(position, SNAP_METRES_MAX).ok();
        let hospitals = city.hospitals.iter();
        let hospitals = hospitals.filter_map(|it| Some((it.id.clone(), snap(it.position)?)));
        Self {
            hospitals: hospitals.collect(),
            reach: Reach::of(city, roads),
            ground: OnceLock::new(),
        }
    }

    /// What a look ahead is played on. Cost: a hundred and fifty searches, once.
    pub(crate) fn ground(&self, city: &City, roads: &Roads) -> &Ground {
        self.ground.get_or_init(|| Ground::of(&city.demand, roads))
    }

    pub(crate) fn hospital(&self, id: &HospitalId) -> Option<&Snap> {
        self.hospitals.iter().find(|(hospital, _)| hospital == id).map(|(_, snap)| snap)
    }

    /// The drive from `from` to each hospital that a road leads to.
    pub(crate) fn drives(&self, roads: &Roads, from: &Snap) -> BTreeMap<HospitalId, Millis> {
        let snaps: Vec<_> = self.hospitals.iter().map(|(_, snap)| *snap).collect();
        let drives = roads.times_from(from, &snaps);
        let ids = self.hospitals.iter().map(|(id, _)| id.clone());
        ids.zip(drives).filter_map(|(id, drive)| Some((id, drive?))).collect()
    }
}
