//! Which lane takes a vehicle (clause 9), and which lane never takes any.

use std::collections::BTreeSet;

use kordon_schemas::Fault;
use kordon_schemas::bookings::Vehicle;
use kordon_schemas::rules::{LaneRules, Rules, VehicleCategory, VehicleKind};

/// The lane of a vehicle: the first that takes it.
///
/// # Errors
/// What has to be said of the vehicle to decide it, or that no lane takes it.
pub fn lane_of<'rules>(
    rules: &'rules Rules,
    vehicle: Option<&Vehicle>,
) -> Result<&'rules LaneRules, Vec<Fault>> {
    let Some(vehicle) = vehicle else {
        let takes_all =
            |lane: &&LaneRules| VehicleCategory::ALL.into_iter().all(|all| takes_every(lane, all));
        let needed =
            || vec![Fault::new("/vehicle", "is needed: the lanes of this checkpoint differ by vehicle")];
        return rules.lanes.first().filter(takes_all).ok_or_else(needed);
    };
    for lane in &rules.lanes {
        let answers: Vec<Answer> = lane.takes.iter().map(|kind| answer(kind, vehicle)).collect();
        if answers.contains(&Answer::Yes) {
            return Ok(lane);
        }
        let missing: BTreeSet<&str> = answers
            .iter()
            .flat_map(|answer| match answer {
                Answer::Unsaid(members) => members.as_slice(),
                Answer::Yes | Answer::No => &[],
            })
            .copied()
            .collect();
        if !missing.is_empty() {
            let needed = |member| {
                let detail =
                    format!("is needed: whether the lane {} takes the vehicle rests on it", lane.lane);
                Fault::new(format!("/vehicle/{member}"), detail)
            };
            return Err(missing.into_iter().map(needed).collect());
        }
    }
    Err(vec![Fault::new("/vehicle", "no lane of this checkpoint takes such a vehicle")])
}

fn takes_every(lane: &LaneRules, category: VehicleCategory) -> bool {
    lane.takes.iter().any(|kind| {
        let VehicleKind { category: own, over_kg, up_to_kg, laden, cargo_groups } = kind;
        *own == category
            && over_kg.is_none()
            && up_to_kg.is_none()
            && laden.is_none()
            && cargo_groups.is_empty()
    })
}

/// Whether a vehicle is of a kind.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// It rests on these members, which were not said.
    Unsaid(Vec<&'static str>),
}

fn answer(kind: &VehicleKind, vehicle: &Vehicle) -> Answer {
    let VehicleKind { category, over_kg, up_to_kg, laden, cargo_groups } = kind;
    let mut unsaid = Vec::new();
    let mut fits = *category == vehicle.category;
    match vehicle.mass_kg {
        Some(mass) => {
            fits &= over_kg.is_none_or(|over| mass > over) && up_to_kg.is_none_or(|up_to| mass <= up_to);
        }
        None if over_kg.is_some() || up_to_kg.is_some() => unsaid.push("mass_kg"),
        None => {}
    }
    match (laden, vehicle.laden) {
        (Some(wanted), Some(said)) => fits &= *wanted == said,
        (Some(_), None) => unsaid.push("laden"),
        (None, _) => {}
    }
    match &vehicle.cargo_group {
        Some(group) => fits &= cargo_groups.is_empty() || cargo_groups.contains(group),
        // An empty vehicle has no cargo.
        None if !cargo_groups.is_empty() && vehicle.laden == Some(false) => fits = false,
        None if !cargo_groups.is_empty() => unsaid.push("cargo_group"),
        None => {}
    }
    match (fits, unsaid.is_empty()) {
        (false, _) => Answer::No,
        (true, true) => Answer::Yes,
        (true, false) => Answer::Unsaid(unsaid),
    }
}

/// Whether a vehicle of a lane exists that none of the lanes before it takes.
#[must_use]
pub(super) fn is_reachable(lane: &LaneRules, before: &[LaneRules]) -> bool {
    lane.takes.iter().any(|kind| {
        let mut left = vec![Area::of(kind)];
        let earlier = before.iter().flat_map(|lane| &lane.takes).filter(|own| own.category == kind.category);
        for taken in earlier.map(Area::of) {
            left = left.into_iter().flat_map(|area| area.without(&taken)).collect();
            if left.is_empty() {
                return false;
            }
            // Rules of such detail are not judged further: a lane is refused only if it is certain.
            if left.len() > MOST_AREAS {
                return true;
            }
        }
        true
    })
}

/// More pieces of a kind than rules of any sense leave.
const MOST_AREAS: usize = 500;

/// Vehicles of one category: a range of masses, laden or not, some cargo groups.
#[derive(Debug, Clone)]
struct Area {
    over: u32,
    up_to: u32,
    laden: [bool; 2],
    groups: Groups,
}

#[derive(Debug, Clone)]
enum Groups {
    Only(BTreeSet<String>),
    AllBut(BTreeSet<String>),
}

impl Groups {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Only(groups) if groups.is_empty())
    }

    fn both(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(own), Self::Only(others)) => Self::Only(own & others),
            (Self::Only(some), Self::AllBut(not)) | (Self::AllBut(not), Self::Only(some)) => {
                Self::Only(some - not)
            }
            (Self::AllBut(own), Self::AllBut(others)) => Self::AllBut(own | others),
        }
    }

    fn complement(&self) -> Self {
        match self {
            Self::Only(groups) => Self::AllBut(groups.clone()),
            Self::AllBut(groups) => Self::Only(groups.clone()),
        }
    }
}

impl Area {
    fn of(kind: &VehicleKind) -> Self {
        Self {
            over: kind.over_kg.unwrap_or(0),
            up_to: kind.up_to_kg.unwrap_or(u32::MAX),
            laden: [kind.laden != Some(true), kind.laden != Some(false)],
            groups: if kind.cargo_groups.is_empty() {
                Groups::AllBut(BTreeSet::new())
            } else {
                Groups::Only(kind.cargo_groups.iter().cloned().collect())
            },
        }
    }

    fn is_empty(&self) -> bool {
        self.over >= self.up_to || self.laden == [false, false] || self.groups.is_empty()
    }

    /// What of this is not in `taken`, in pieces: lighter, heavier, of the other lading, of other cargo.
    fn without(&self, taken: &Self) -> Vec<Self> {
        let (over, up_to) = (self.over.max(taken.over), self.up_to.min(taken.up_to));
        if over >= up_to {
            return vec![self.clone()];
        }
        let [empty, laden] = self.laden;
        let [taken_empty, taken_laden] = taken.laden;
        let pieces = [
            Self { up_to: over.min(self.up_to), ..self.clone() },
            Self { over: up_to.max(self.over), ..self.clone() },
            Self {
                over,
                up_to,
                laden: [empty && !taken_empty, laden && !taken_laden],
                groups: self.groups.clone(),
            },
            Self {
                over,
                up_to,
                laden: [empty && taken_empty, laden && taken_laden],
                groups: self.groups.both(&taken.groups.complement()),
            },
        ];
        pieces.into_iter().filter(|piece| !piece.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests;
