//! The usual first steps of a test: a vehicle is booked, stands in a zone, is called; a fact is stated.

use kordon_hub::parties::Role;
use kordon_schemas::Plate;
use serde_json::{Value, json};

use super::{Request, TestHub};

/// A checkpoint on the border with Poland.
pub(crate) const KRAKIVETS: &str = "UA209030";
/// Another one.
pub(crate) const YAHODYN: &str = "UA205020";

impl TestHub {
    /// An address below a checkpoint.
    pub(crate) fn at(checkpoint: &str, what: &str) -> String {
        format!("/api/v1/checkpoints/{checkpoint}/{what}")
    }

    /// Books a vehicle as the queue operator and returns the booking's id.
    pub(crate) async fn book(&self, checkpoint: &str, plate: &str) -> String {
        let body = json!({"reference": format!("ref-{}", folded(plate)), "plate": plate, "queue": "live",
            "channel": "web"});
        let booked = self.post(&Self::at(checkpoint, "bookings")).as_role(Role::QueueOperator).json(&body);
        booked.send().await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// The request by which a role states facts.
    pub(crate) fn events(&self, checkpoint: &str, role: Role) -> Request<'_> {
        self.post(&Self::at(checkpoint, "events")).as_role(role)
    }

    /// States that a vehicle arrived at a zone, now.
    pub(crate) async fn arrive(&self, checkpoint: &str, plate: &str) -> Value {
        let event = json!({"id": format!("zone-{}", folded(plate)), "kind": "zone-arrived", "plate": plate,
            "zone": "KRAKIVETS-1", "occurred_at": self.clock.now()});
        self.events(checkpoint, Role::ZoneOperator).json(&event).send().await.expect(201)
    }

    /// Calls the next vehicle and returns the call.
    pub(crate) async fn call(&self, checkpoint: &str) -> Value {
        let call = self.post(&Self::at(checkpoint, "calls")).as_role(Role::QueueOperator).json(&json!({}));
        call.send().await.expect(201)
    }
}

fn folded(plate: &str) -> String {
    Plate::parse(plate).unwrap().folded().to_string()
}

/// A message with some members replaced; `null` leaves one out.
pub(crate) fn changed(mut message: Value, changes: &Value) -> Value {
    let members = message.as_object_mut().unwrap();
    for (member, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(member);
        } else {
            members.insert(member.clone(), value.clone());
        }
    }
    message
}
