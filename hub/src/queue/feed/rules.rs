//! Which changes a right shows (Q23, Q33).

use kordon_schemas::changes::QueueChangeKind;
use kordon_schemas::events::EventKind;

use super::Change;
use crate::parties::{Actor, Role, Zone};

/// Whether the actor may see a change: authorities and the operator all of them, a zone operator those of its
/// zones, the police who was called and who left a zone.
#[must_use]
pub fn shows(actor: &Actor, change: &Change) -> bool {
    match actor.role {
        Role::BorderGuard | Role::Customs | Role::QueueOperator => true,
        Role::ZoneOperator => is_of_own_zone(actor.scope.zones.as_deref(), change.zone.as_deref()),
        Role::Police => {
            change.shown.kind == QueueChangeKind::Called || change.shown.event == Some(EventKind::ZoneLeft)
        }
        Role::Ministry
        | Role::SupportLine1
        | Role::SupportLine2
        | Role::SupportLine3
        | Role::DepartureOffice
        | Role::Trader
        | Role::PressOffice
        | Role::Taxud
        | Role::Administrator => false,
    }
}

fn is_of_own_zone(own: Option<&[Zone]>, zone: Option<&str>) -> bool {
    let (Some(own), Some(zone)) = (own, zone) else { return false };
    own.iter().any(|known| known.0 == zone)
}

#[cfg(test)]
mod tests {
    use kordon_schemas::changes::QueueChange;

    use super::*;
    use crate::parties::{Scope, SystemId};

    fn actor(role: Role, zones: Option<&[&str]>) -> Actor {
        let zones = zones.map(|zones| zones.iter().map(|zone| Zone((*zone).into())).collect());
        Actor { system: SystemId::new(), role, scope: Scope { checkpoints: None, zones } }
    }

    fn change(kind: QueueChangeKind, event: Option<EventKind>, zone: Option<&str>) -> Change {
        let shown = QueueChange { position: 1, kind, event, booking: None, recorded_at: None };
        Change { shown, zone: zone.map(Into::into) }
    }

    #[test]
    fn a_zone_operator_sees_what_concerns_its_zones_and_nothing_else() {
        let own = actor(Role::ZoneOperator, Some(&["A-1", "A-2"]));
        let arrived = |zone| change(QueueChangeKind::Stated, Some(EventKind::ZoneArrived), zone);
        assert!(shows(&own, &arrived(Some("A-2"))));
        assert!(shows(&own, &change(QueueChangeKind::Called, None, Some("A-1"))));
        assert!(!shows(&own, &arrived(Some("B-1"))));
        assert!(!shows(&own, &arrived(None)));
        assert!(
            !shows(&actor(Role::ZoneOperator, None), &arrived(Some("A-1"))),
            "no zones are none, not all"
        );
    }

    #[test]
    fn the_police_see_who_is_directed() {
        let police = actor(Role::Police, None);
        assert!(shows(&police, &change(QueueChangeKind::Called, None, None)));
        assert!(shows(&police, &change(QueueChangeKind::Stated, Some(EventKind::ZoneLeft), None)));
        assert!(!shows(&police, &change(QueueChangeKind::Stated, Some(EventKind::ZoneArrived), None)));
        assert!(!shows(&police, &change(QueueChangeKind::Booked, None, None)));
    }

    #[test]
    fn a_ministry_sees_no_change() {
        assert!(!shows(&actor(Role::Ministry, None), &change(QueueChangeKind::Called, None, None)));
    }
}
