//! What can be wrong with an event by itself, whoever sends it and whatever was recorded before.

use crate::characters::{forbidden_detail, is_forbidden};
use crate::codes::{ZONE_FORM, is_zone_code};
use crate::events::{EventIn, EventKind};
use crate::problem::Fault;

/// The longest id of an event, in characters.
const LONGEST_ID: usize = 100;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// Which members an event of some kind has, besides `id`, `kind` and `occurred_at`. What it does not have it must not carry.
struct Members {
    plate: bool,
    zone: bool,
    confidence: bool,
    reason: bool,
    voids: bool,
}

impl Members {
    const fn of(kind: EventKind) -> Self {
        let of_a_vehicle = Self { plate: true, zone: false, confidence: false, reason: false, voids: false };
        match kind {
            EventKind::ZoneArrived | EventKind::ZoneLeft => Self { zone: true, ..of_a_vehicle },
            EventKind::CheckpointEntered
            | EventKind::BorderControlStarted
            | EventKind::BorderControlFinished
            | EventKind::CustomsControlStarted
            | EventKind::CustomsControlFinished
            | EventKind::CheckpointLeft => of_a_vehicle,
            EventKind::EntryRefused => Self { reason: true, ..of_a_vehicle },
            EventKind::PlateRead => Self { confidence: true, ..of_a_vehicle },
            EventKind::Void => Self { plate: false, reason: true, voids: true, ..of_a_vehicle },
        }
    }
}

impl EventIn {
    /// Everything that is wrong with the event by itself: members that its kind needs or does not have, ids, zone, confidence and
    /// reason. The paths are JSON Pointers from the event. Empty: nothing is wrong.
    ///
    /// The readers of this crate call it; what they return as an event has passed.
    #[must_use]
    pub fn check(&self) -> Vec<Fault> {
        let Self { id, kind, plate, occurred_at: _, zone, confidence, reason, voids } = self;
        let mut faults = Vec::new();
        if !is_event_id(id) {
            faults.push(Fault::new("/id", ID_FORM));
        }
        let members = Members::of(*kind);
        let belongings = [
            ("plate", plate.is_some(), members.plate),
            ("zone", zone.is_some(), members.zone),
            ("confidence", confidence.is_some(), members.confidence),
            ("reason", reason.is_some(), members.reason),
            ("voids", voids.is_some(), members.voids),
        ];
        faults.extend(belongings.into_iter().filter_map(|belonging| misplaced(*kind, belonging)));
        if zone.as_deref().is_some_and(|zone| !is_zone_code(zone)) {
            faults.push(Fault::new("/zone", ZONE_FORM));
        }
        // Not a number is in no range.
        if confidence.is_some_and(|confidence| !(0.0..=1.0).contains(&confidence)) {
            faults.push(Fault::new("/confidence", "must be a number from 0 to 1"));
        }
        if let Some(detail) = reason.as_deref().and_then(wrong_reason) {
            faults.push(Fault::new("/reason", detail));
        }
        match voids {
            Some(voids) if !is_event_id(voids) => faults.push(Fault::new("/voids", ID_FORM)),
            Some(voids) if voids == id => faults.push(Fault::new("/voids", "an event cannot void itself")),
            Some(_) | None => {}
        }
        faults
    }
}

const ID_FORM: &str = "an event id has 1 to 100 visible ASCII characters, without spaces";

/// Whether a text can be the id of an event.
pub(crate) fn is_event_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

fn misplaced(kind: EventKind, (member, present, belongs): (&str, bool, bool)) -> Option<Fault> {
    let kind = kind.as_str();
    let detail = match (present, belongs) {
        (true, true) | (false, false) => return None,
        (false, true) => format!("an event of the kind `{kind}` needs `{member}`"),
        (true, false) => format!("an event of the kind `{kind}` has no `{member}`: leave it out"),
    };
    Some(Fault::new(format!("/{member}"), detail))
}

fn wrong_reason(reason: &str) -> Option<String> {
    let of_one_line = |character: char| matches!(character, '\t' | '\n' | '\r') || is_forbidden(character);
    match reason.chars().find(|character| of_one_line(*character)) {
        Some(character) => Some(forbidden_detail(character)),
        None if reason.is_empty() || reason.chars().count() > LONGEST_REASON => {
            Some(format!("a reason has 1 to {LONGEST_REASON} characters"))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: serde_json::Value) -> EventIn {
        let mut whole = serde_json::json!({"id": "e-1", "occurred_at": "2026-11-21T12:00:00Z"});
        let members = json.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(members);
        serde_json::from_value(whole).unwrap()
    }

    fn faulty(json: serde_json::Value) -> Vec<String> {
        event(json).check().into_iter().map(|fault| format!("{}: {}", fault.path, fault.detail)).collect()
    }

    #[test]
    fn every_kind_with_its_own_members_is_right() {
        for kind in EventKind::ALL {
            let mut members = serde_json::json!({"kind": kind});
            let belonging = Members::of(kind);
            for (name, belongs, value) in [
                ("plate", belonging.plate, serde_json::json!("AA1234BB")),
                ("zone", belonging.zone, serde_json::json!("KRAKIVETS-1")),
                ("confidence", belonging.confidence, serde_json::json!(0.97)),
                ("reason", belonging.reason, serde_json::json!("не викликано")),
                ("voids", belonging.voids, serde_json::json!("e-0")),
            ] {
                if belongs {
                    members[name] = value;
                }
            }
            assert_eq!(event(members).check(), Vec::new(), "{kind:?}");
        }
    }

    #[test]
    fn a_missing_and_a_strange_member_are_both_told() {
        insta::assert_snapshot!(faulty(serde_json::json!({"kind": "zone-left", "plate": "AA1234BB", "confidence": 1.0})).join("\n"), @"
        /zone: an event of the kind `zone-left` needs `zone`
        /confidence: an event of the kind `zone-left` has no `confidence`: leave it out
        ");
        insta::assert_snapshot!(faulty(serde_json::json!({"kind": "void", "plate": "AA1234BB"})).join("\n"), @"
        /plate: an event of the kind `void` has no `plate`: leave it out
        /reason: an event of the kind `void` needs `reason`
        /voids: an event of the kind `void` needs `voids`
        ");
    }

    #[test]
    fn ids_zones_and_reasons_have_their_forms() {
        for id in ["", "a b", "подія", "e\u{7f}", &"e".repeat(101)] {
            assert_eq!(
                event(serde_json::json!({"kind": "checkpoint-left", "plate": "AA1234BB", "id": id}))
                    .check()
                    .len(),
                1,
                "{id:?}"
            );
        }
        for zone in ["", "krakivets", "KRAKIVETS 1", "КРАКІВЕЦЬ", &"Z".repeat(41)] {
            assert_eq!(
                event(serde_json::json!({"kind": "zone-left", "plate": "AA1234BB", "zone": zone}))
                    .check()
                    .len(),
                1,
                "{zone:?}"
            );
        }
        for reason in ["", "two\nlines", "a\u{0}b", "a\u{9b}b", &"ї".repeat(501)] {
            assert_eq!(
                event(serde_json::json!({"kind": "entry-refused", "plate": "AA1234BB", "reason": reason}))
                    .check()
                    .len(),
                1,
                "{reason:?}"
            );
        }
        assert!(
            event(
                serde_json::json!({"kind": "entry-refused", "plate": "AA1234BB", "reason": "ї".repeat(500)})
            )
            .check()
            .is_empty()
        );
    }

    #[test]
    fn confidence_is_a_number_from_0_to_1() {
        for confidence in [-0.01, 1.01, f32::NAN, f32::INFINITY] {
            let mut read = event(serde_json::json!({"kind": "plate-read", "plate": "AA1234BB"}));
            read.confidence = Some(confidence);
            assert_eq!(read.check().len(), 1, "{confidence}");
        }
    }

    #[test]
    fn an_event_cannot_void_itself() {
        insta::assert_snapshot!(faulty(serde_json::json!({"kind": "void", "reason": "помилка", "voids": "e-1"})).join("\n"), @"/voids: an event cannot void itself");
    }
}
