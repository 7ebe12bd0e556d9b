//! Whether a booking can be taken as it was asked for, and as what: every fault at once.

use chrono::{DateTime, FixedOffset, Utc};
use kordon_schemas::Fault;
use kordon_schemas::bookings::Vehicle;
use kordon_schemas::codes::{ZONE_FORM, is_zone_code};
use kordon_schemas::queue::{BookingIn, Channel, QueueKind};
use kordon_schemas::rules::{LaneRules, Rules, ZoneChoice};

use super::places::SoldSlot;
use crate::checkpoints::rules::{RulesInForce, data_schema, lanes, slots};
use crate::error::{Error, Result};
use crate::queue::rules::{booked_at, is_text};

/// What was decided of a booking.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::queue) struct Decided {
    /// When it counts as booked.
    pub(in crate::queue) booked_at: DateTime<Utc>,
    /// Since when it stands in its queue.
    pub(in crate::queue) queued_at: DateTime<Utc>,
    /// The lane of its vehicle.
    pub(in crate::queue) lane: String,
    /// Its slot, of which a place is still to be drawn.
    pub(in crate::queue) slot: Option<SoldSlot>,
    /// Its class in the priority queue: of its petition.
    pub(in crate::queue) priority_class: Option<String>,
    /// Its waiting zone.
    pub(in crate::queue) zone: Option<String>,
    /// The version of the rules that decided.
    pub(in crate::queue) rules_version: i32,
}

/// Decides a booking under the rules in force. `rules_of_slot` are those in force when its slot begins.
///
/// # Errors
/// [`Error::Invalid`] with every fault.
pub(in crate::queue) fn decide(
    asked: &BookingIn,
    in_force: &RulesInForce,
    rules_of_slot: &RulesInForce,
    now: DateTime<Utc>,
) -> Result<Decided> {
    let RulesInForce { version, rules } = in_force;
    let mut faults = Vec::new();
    let booked_at = match booked_at(asked, now) {
        Ok(booked_at) => booked_at,
        Err(Error::Invalid(found)) => {
            faults.extend(found);
            now
        }
        Err(other) => return Err(other),
    };
    if let Some(vehicle) = &asked.vehicle {
        faults.extend(faults_of_vehicle(vehicle));
    }
    let lane = lanes::lane_of(rules, asked.vehicle.as_ref()).map_err(|found| faults.extend(found)).ok();
    let slot = match (asked.queue, asked.slot_starts_at) {
        (QueueKind::PreBooked, None) => {
            faults.push(Fault::new("/slot_starts_at", "is needed: the pre-booked queue is by slot"));
            None
        }
        (QueueKind::Live | QueueKind::Priority, Some(_)) => {
            faults.push(Fault::new("/slot_starts_at", "is for the pre-booked queue only"));
            None
        }
        (QueueKind::PreBooked, Some(asked)) => lane.and_then(|lane| {
            slot(&lane.lane, in_force, rules_of_slot, asked, now).map_err(|fault| faults.push(fault)).ok()
        }),
        (QueueKind::Live | QueueKind::Priority, None) => None,
    };
    match (asked.queue, asked.petition) {
        (QueueKind::Priority, None) => {
            faults.push(Fault::new("/petition", "is needed: the priority queue is by a granted petition"));
        }
        (QueueKind::PreBooked | QueueKind::Live, Some(_)) => {
            faults.push(Fault::new("/petition", "is for the priority queue only"));
        }
        (QueueKind::Priority, Some(_)) | (QueueKind::PreBooked | QueueKind::Live, None) => {}
    }
    let zone = zone(rules, asked).map_err(|fault| faults.push(fault)).ok().flatten();
    faults.extend(data_schema::check(rules.booking.data_schema.as_ref(), asked.data.as_ref())?);
    match lane {
        Some(LaneRules { lane, .. }) if faults.is_empty() => Ok(Decided {
            booked_at,
            queued_at: booked_at,
            lane: lane.clone(),
            slot,
            priority_class: None,
            zone,
            rules_version: *version,
        }),
        _ => Err(Error::Invalid(faults)),
    }
}

/// The slot of a lane that begins when it was asked for. How far ahead is of the rules in force now; which
/// slots there are and how many places they have, of those in force when it begins.
pub(in crate::queue) fn slot(
    lane: &str,
    in_force: &RulesInForce,
    rules_of_slot: &RulesInForce,
    asked: DateTime<FixedOffset>,
    now: DateTime<Utc>,
) -> Result<SoldSlot, Fault> {
    let fault = |detail: String| Fault::new("/slot_starts_at", detail);
    let Some(lane) = rules_of_slot.rules.lanes.iter().find(|known| known.lane == lane) else {
        return Err(fault(format!("there is no lane {lane} under the rules of that day")));
    };
    slots::bookable(lane, in_force.rules.booking.horizon_days, asked, now)
        .map(|(slot, places)| SoldSlot { slot, places, rules_version: rules_of_slot.version })
        .map_err(|why| fault(why.to_string()))
}

/// What is wrong with what is said of a vehicle.
pub(in crate::queue) fn faults_of_vehicle(vehicle: &Vehicle) -> Vec<Fault> {
    let mut faults = Vec::new();
    if vehicle.mass_kg.is_some_and(|mass| !(1..=200_000).contains(&mass)) {
        faults.push(Fault::new("/vehicle/mass_kg", "is 1 to 200000"));
    }
    if vehicle.cargo_group.as_deref().is_some_and(|group| !is_text(group, 50)) {
        faults.push(Fault::new("/vehicle/cargo_group", "has 1 to 50 characters and no control characters"));
    }
    if vehicle.laden == Some(false) && vehicle.cargo_group.is_some() {
        faults.push(Fault::new("/vehicle/cargo_group", "an empty vehicle has no cargo"));
    }
    faults
}

/// The waiting zone of a booking (Q11): as it was named by whom the rules let choose, or the only one that
/// there is.
fn zone(rules: &Rules, asked: &BookingIn) -> Result<Option<String>, Fault> {
    let known = |zone: &str| rules.zones.is_empty() || rules.zones.iter().any(|known| known.zone == zone);
    let by_the_user_alone = match asked.channel {
        Channel::Web | Channel::Terminal => true,
        Channel::CallCentre | Channel::OnSite => false,
    };
    let fault = |detail: String| Err(Fault::new("/zone", detail));
    match (asked.zone.as_deref(), rules.zone_choice, rules.zones.as_slice()) {
        (Some(zone), _, _) if !is_zone_code(zone) => fault(ZONE_FORM.into()),
        (Some(zone), _, _) if !known(zone) => {
            fault(format!("is none of the waiting zones of this checkpoint: {}", names(rules)))
        }
        (Some(_), ZoneChoice::Operator, [_, _, ..]) if by_the_user_alone => {
            fault("is for the operator to choose by the rules of this checkpoint, not for who books".into())
        }
        (Some(zone), ZoneChoice::User | ZoneChoice::Operator, _) => Ok(Some(zone.to_owned())),
        (None, _, [only]) => Ok(Some(only.zone.clone())),
        (None, ZoneChoice::User, [_, _, ..]) => {
            fault(format!("is needed: who books chooses one of {}", names(rules)))
        }
        (None, ZoneChoice::User | ZoneChoice::Operator, _) => Ok(None),
    }
}

fn names(rules: &Rules) -> String {
    rules.zones.iter().map(|zone| zone.zone.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use kordon_schemas::Bilingual;
    use kordon_schemas::rules::ZoneRules;
    use serde_json::json;

    use super::*;
    use crate::checkpoints::rules::standard;

    fn chosen(
        choice: ZoneChoice,
        zones: &[&str],
        channel: &str,
        named: Option<&str>,
    ) -> Result<Option<String>, String> {
        let name = Bilingual { uk: "Зона".into(), en: "Zone".into() };
        let zones = zones.iter().map(|zone| ZoneRules { zone: (*zone).into(), name: name.clone() }).collect();
        let rules = Rules { zones, zone_choice: choice, ..standard::rules() };
        let asked = serde_json::from_value(json!({
            "reference": "r-1", "plate": "AA 1234 BB", "queue": "live", "channel": channel, "zone": named
        }));
        zone(&rules, &asked.unwrap()).map_err(|fault| format!("{} {}", fault.path, fault.detail))
    }

    #[test]
    fn who_books_chooses_among_several_zones_where_the_rules_let_them() {
        let of = |named| chosen(ZoneChoice::User, &["A-1", "A-2"], "web", named);
        assert_eq!(of(Some("A-2")), Ok(Some("A-2".into())));
        assert_eq!(of(None), Err("/zone is needed: who books chooses one of A-1, A-2".into()));
        assert_eq!(
            of(Some("B-1")),
            Err("/zone is none of the waiting zones of this checkpoint: A-1, A-2".into())
        );
    }

    #[test]
    fn where_the_operator_chooses_who_books_alone_does_not() {
        let of = |channel, named| chosen(ZoneChoice::Operator, &["A-1", "A-2"], channel, named);
        let refused =
            "/zone is for the operator to choose by the rules of this checkpoint, not for who books";
        for channel in ["web", "terminal"] {
            assert_eq!(of(channel, Some("A-1")), Err(refused.into()), "{channel}");
            assert_eq!(of(channel, None), Ok(None), "{channel}");
        }
        for channel in ["call_centre", "on_site"] {
            assert_eq!(of(channel, Some("A-1")), Ok(Some("A-1".into())), "{channel}");
        }
    }

    #[test]
    fn the_only_zone_needs_no_choice_and_where_there_is_none_any_will_do() {
        for choice in [ZoneChoice::User, ZoneChoice::Operator] {
            assert_eq!(chosen(choice, &["A-1"], "web", None), Ok(Some("A-1".into())));
            assert_eq!(chosen(choice, &["A-1"], "web", Some("A-1")), Ok(Some("A-1".into())));
            assert_eq!(chosen(choice, &[], "web", None), Ok(None));
            assert_eq!(chosen(choice, &[], "web", Some("B-1")), Ok(Some("B-1".into())));
        }
    }
}
