//! Lanes that contradict themselves or each other.

use kordon_schemas::rules::{CapacityRules, LaneRules, SlotRules, VehicleKind, Weekday};

use super::Faults;
use crate::checkpoints::rules::hours::{HourCapacity, WEEK, of_hour};
use crate::checkpoints::rules::lanes::is_reachable;

pub(super) fn check(faults: &mut Faults, lanes: &[LaneRules]) {
    faults.count("/lanes", lanes.len(), 1, 50);
    for (index, lane) in lanes.iter().enumerate() {
        let path = format!("/lanes/{index}");
        faults.code(format!("{path}/lane"), &lane.lane);
        faults.name(&format!("{path}/name"), &lane.name);
        faults.count(&format!("{path}/takes"), lane.takes.len(), 1, 50);
        faults.count(&format!("{path}/capacity"), lane.capacity.len(), 0, 200);
        let before = faults.0.len();
        for (kind, rules) in lane.takes.iter().enumerate() {
            of_kind(faults, &format!("{path}/takes/{kind}"), rules);
        }
        let whole_kinds = before == faults.0.len() && !lane.takes.is_empty();
        if whole_kinds && !is_reachable(lane, lanes.get(..index).unwrap_or_default()) {
            faults.add(
                path.clone(),
                "no vehicle ever reaches this lane: those before it take all that it takes",
            );
        }
        of_capacity(faults, &path, &lane.capacity);
        if let Some(slots) = lane.slots {
            of_slots(faults, &path, lane, slots);
        }
    }
    faults.twice(lanes.iter().map(|lane| &lane.lane), |index| format!("/lanes/{index}/lane"), "this lane");
}

fn of_kind(faults: &mut Faults, path: &str, kind: &VehicleKind) {
    let VehicleKind { category: _, over_kg, up_to_kg, laden, cargo_groups } = kind;
    for (member, mass) in [("over_kg", over_kg), ("up_to_kg", up_to_kg)] {
        if let Some(mass) = mass {
            faults.within(format!("{path}/{member}"), *mass, 0, 200_000);
        }
    }
    if over_kg.unwrap_or(0) >= up_to_kg.unwrap_or(u32::MAX) {
        faults.add(
            format!("{path}/up_to_kg"),
            "is more than `over_kg`: no vehicle is over the one and up to the other",
        );
    }
    faults.count(&format!("{path}/cargo_groups"), cargo_groups.len(), 0, 50);
    for (index, group) in cargo_groups.iter().enumerate() {
        faults.text(format!("{path}/cargo_groups/{index}"), group, 50);
    }
    faults.twice(cargo_groups.iter(), |index| format!("{path}/cargo_groups/{index}"), "this group");
    if *laden == Some(false) && !cargo_groups.is_empty() {
        faults.add(format!("{path}/cargo_groups"), "an empty vehicle has no cargo");
    }
}

fn of_capacity(faults: &mut Faults, path: &str, windows: &[CapacityRules]) {
    for (index, window) in windows.iter().enumerate() {
        let CapacityRules { weekdays, from_hour, to_hour, vehicles_per_hour } = window;
        let path = format!("{path}/capacity/{index}");
        faults.count(&format!("{path}/weekdays"), weekdays.len(), 1, 7);
        faults.twice(weekdays.iter(), |day| format!("{path}/weekdays/{day}"), "this weekday");
        faults.within(format!("{path}/from_hour"), *from_hour, 0, 23);
        faults.within(format!("{path}/to_hour"), *to_hour, 1, 24);
        faults.within(format!("{path}/vehicles_per_hour"), *vehicles_per_hour, 1, 1000);
        if to_hour <= from_hour {
            faults.add(
                format!("{path}/to_hour"),
                "ends before it begins; an hour past midnight is of the next weekday",
            );
        }
        let earlier = windows.iter().take(index).position(|earlier| overlap(earlier, window));
        if let Some(earlier) = earlier {
            faults.add(path, format!("overlaps the one at {earlier}: some hour would have two capacities"));
        }
    }
}

fn overlap(one: &CapacityRules, other: &CapacityRules) -> bool {
    one.weekdays.iter().any(|weekday| other.weekdays.contains(weekday))
        && one.from_hour < other.to_hour
        && other.from_hour < one.to_hour
}

fn of_slots(faults: &mut Faults, path: &str, lane: &LaneRules, slots: SlotRules) {
    let SlotRules { length_minutes, places } = slots;
    let length_path = format!("{path}/slots/length_minutes");
    faults.within(format!("{path}/slots/places"), places, 1, 1000);
    let divides = length_minutes > 0
        && (60 % length_minutes == 0 || (length_minutes % 60 == 0 && 1440 % length_minutes == 0));
    if length_minutes < 5 || !divides {
        return faults.add(length_path, "divides an hour, or is a number of hours that divides a day");
    }
    if lane.capacity.is_empty() {
        return faults.add(
            format!("{path}/slots"),
            "places are sold where it is known how many are let in: say the capacity",
        );
    }
    let mut least: Option<(u32, Weekday, u8)> = None;
    for weekday in WEEK {
        for first in (0..24_u8).step_by(usize::from(length_minutes.div_ceil(60))) {
            let last = first.saturating_add(u8::try_from(length_minutes.div_ceil(60)).unwrap_or(24)).min(24);
            let hours: Vec<HourCapacity> = (first..last).map(|hour| of_hour(lane, weekday, hour)).collect();
            let vehicles: Vec<u32> = hours
                .iter()
                .filter_map(|hour| match hour {
                    HourCapacity::Vehicles(vehicles) => Some(u32::from(*vehicles)),
                    HourCapacity::Closed | HourCapacity::Unknown => None,
                })
                .collect();
            if vehicles.is_empty() {
                continue;
            }
            if vehicles.len() < hours.len() {
                let detail = format!(
                    "the slot of {weekday:?} from {first} to {last} o'clock would be open for a part of it only"
                );
                return faults.add(format!("{path}/capacity"), detail);
            }
            let let_in = match length_minutes {
                0..=60 => vehicles.iter().sum::<u32>() * u32::from(length_minutes) / 60,
                _ => vehicles.iter().sum(),
            };
            if least.is_none_or(|(known, _, _)| let_in < known) {
                least = Some((let_in, weekday, first));
            }
        }
    }
    if let Some((let_in, weekday, hour)) = least
        && u32::from(places) > let_in
    {
        let detail = format!(
            "{places} places are more than the {let_in} vehicles that are let in during the slot of {weekday:?} \
             from {hour} o'clock"
        );
        faults.add(format!("{path}/slots/places"), detail);
    }
}
