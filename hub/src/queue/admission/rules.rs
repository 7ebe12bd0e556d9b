//! Admit or refuse: a pure function of where the vehicle stands and what time it is.

use chrono::{DateTime, Utc};
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{Admission, AdmissionReason, Decision};

use crate::crossings::CallWindow;
use crate::queue::model::BookingId;

/// A vehicle at the gate, as far as its booking tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtGate {
    /// Its booking, which has not ended.
    pub booking: BookingId,
    /// Where it stands.
    pub stage: Stage,
    /// The lane that it was booked for.
    pub lane: String,
    /// Its call, with the time that a pause which lasts has taken.
    pub call: Option<CallWindow>,
}

impl AtGate {
    /// Its call, if its time is over unless a pause has given it more.
    pub(super) fn lapsed(&self, now: DateTime<Utc>) -> Option<CallWindow> {
        self.call.filter(|call| call.deadline_at <= now)
    }
}

/// Whether the vehicle may enter at `now` (Q31): it was called, it is in time, and it has not entered. The
/// sequence of clause 31 is that of the calls: who was called earlier and is not there holds up nobody.
#[must_use]
pub fn admit(vehicle: Option<&AtGate>, now: DateTime<Utc>) -> Admission {
    let not_booked = Admission {
        decision: Decision::Refuse,
        reason: AdmissionReason::NotBooked,
        booking: None,
        deadline_at: None,
    };
    let Some(AtGate { booking, stage, lane: _, call }) = vehicle else { return not_booked };
    let refused = |reason| Admission {
        decision: Decision::Refuse,
        reason,
        booking: Some(booking.0),
        deadline_at: call.map(|call| call.deadline_at),
    };
    match (stage, call) {
        (Stage::CheckpointLeft, _) => not_booked,
        (Stage::CheckpointEntered | Stage::Controls, _) => refused(AdmissionReason::AlreadyEntered),
        (Stage::Booked | Stage::ZoneArrived | Stage::Called | Stage::ZoneLeft, None) => {
            refused(AdmissionReason::NotCalled)
        }
        (Stage::Booked | Stage::ZoneArrived | Stage::Called | Stage::ZoneLeft, Some(call)) => {
            if now < call.deadline_at {
                Admission { decision: Decision::Admit, ..refused(AdmissionReason::Called) }
            } else {
                refused(AdmissionReason::CallExpired)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn noon(minutes: i64) -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
    }

    fn told(stage: Option<Stage>, is_called: bool, minutes: i64) -> (Decision, AdmissionReason) {
        let call = is_called.then(|| CallWindow { called_at: noon(0), deadline_at: noon(240) });
        let vehicle = stage.map(|stage| AtGate {
            booking: BookingId(Uuid::from_u128(1)),
            stage,
            lane: "all".into(),
            call,
        });
        let answer = admit(vehicle.as_ref(), noon(minutes));
        assert_eq!(answer.booking.is_some(), answer.reason != AdmissionReason::NotBooked);
        (answer.decision, answer.reason)
    }

    #[test]
    fn the_gate_admits_who_was_called_and_is_in_time() {
        use AdmissionReason as R;
        use Decision::{Admit, Refuse};
        assert_eq!(told(None, false, 0), (Refuse, R::NotBooked));
        for stage in [Stage::Booked, Stage::ZoneArrived, Stage::Called, Stage::ZoneLeft] {
            assert_eq!(told(Some(stage), false, 10), (Refuse, R::NotCalled));
            assert_eq!(told(Some(stage), true, 239), (Admit, R::Called));
            assert_eq!(told(Some(stage), true, 240), (Refuse, R::CallExpired));
        }
        assert_eq!(told(Some(Stage::CheckpointEntered), true, 10), (Refuse, R::AlreadyEntered));
        assert_eq!(told(Some(Stage::Controls), true, 10), (Refuse, R::AlreadyEntered));
        assert_eq!(told(Some(Stage::CheckpointLeft), true, 10), (Refuse, R::NotBooked));
    }
}
