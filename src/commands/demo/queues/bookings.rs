//! The operator books the vehicles in the three queues, and changes one booking.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::{BookingChange, Slots};
use kordon_schemas::queue::{Booking, Channel, QueueKind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cast::Part;
use super::rules::{TRUCKS, ZONE};
use super::stage::{Stage, at};
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::text_of;
use crate::commands::demo::systems::wire::Body;

/// The slots of trucks that begin between two moments and have a place.
async fn free_slots(
    stage: &Stage<'_>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> anyhow::Result<Vec<DateTime<Utc>>> {
    let address = at(&format!("slots?lane={TRUCKS}&from={}&to={}", text_of(from), text_of(to)));
    let slots: Slots = stage.read(Role::QueueOperator, &address).await?;
    Ok(slots.slots.iter().filter(|slot| slot.free > 0).map(|slot| slot.starts_at).collect())
}

fn booking(part: Part, number: usize, slot: Option<DateTime<Utc>>, petition: Option<Uuid>) -> Value {
    let channel = Channel::ALL.get(number % Channel::ALL.len()).copied().map_or("web", Channel::as_str);
    let mut booking = json!({
        "reference": part.reference(), "plate": part.plate(), "queue": part.queue(), "channel": channel, "zone": ZONE,
        "driver": {"name": format!("Водій {number}")}
    });
    if let Some(members) = booking.as_object_mut() {
        if part.is_truck() {
            members.insert("vehicle".into(), json!({"category": "truck", "mass_kg": 40_000, "laden": true}));
            members.insert("data".into(), json!({"cmr": format!("KB-{number}")}));
        } else {
            members.insert("vehicle".into(), json!({"category": "car"}));
        }
        if let Some(slot) = slot {
            members.insert("slot_starts_at".into(), json!(text_of(slot)));
        }
        if let Some(petition) = petition {
            members.insert("petition".into(), json!(petition));
        }
    }
    booking
}

/// Books everybody, each in its queue; and tries what cannot be booked.
pub(crate) async fn book(stage: &mut Stage<'_>, petition: Uuid) -> anyhow::Result<()> {
    let now = stage.time.now();
    // The next slot counts already, as it begins within the hour. Not one that may begin while the bookings
    // are made.
    let soon = free_slots(stage, now + TimeDelta::minutes(2), now + TimeDelta::minutes(40)).await?;
    let soon = *soon.first().context("no slot begins within forty minutes")?;
    let later = free_slots(stage, now + TimeDelta::hours(20), now + TimeDelta::hours(22)).await?;
    let later = *later.first().context("no slot begins in twenty hours")?;
    for (number, part) in Part::ALL.into_iter().enumerate() {
        let slot = match (part.queue(), part) {
            (QueueKind::PreBooked, Part::Cancelled) => Some(later),
            (QueueKind::PreBooked, _) => Some(soon),
            (QueueKind::Live | QueueKind::Priority, _) => None,
        };
        let petition = (part.queue() == QueueKind::Priority).then_some(petition);
        let made: Booking =
            stage.post(Role::QueueOperator, &at("bookings"), &booking(part, number, slot, petition)).await?;
        stage.bookings.insert(part, made);
    }
    let book = |body: &Value| Request::post(Role::QueueOperator, at("bookings"), Body::json(body));
    let mut wrong = booking(Part::Refused, 90, None, None);
    if let Some(members) = wrong.as_object_mut() {
        members.insert("reference".into(), json!("queues-wrong"));
        members.insert("plate".into(), json!("BC 9001 KA"));
        members.insert("data".into(), json!({"cmr": 17, "seats": 0, "owner": "?"}));
    }
    let mut named =
        stage.refused("data beyond what the rules ask for", book(&wrong), ProblemCode::Invalid).await?;
    named.sort();
    stage.compare("  the places that are named", "/data/cmr /data/owner /data/seats", named.join(" "));
    let mut twice = booking(Part::FirstLive, 91, None, None);
    if let Some(members) = twice.as_object_mut() {
        members.insert("reference".into(), json!("queues-twice"));
    }
    stage.refused("a second booking of a vehicle", book(&twice), ProblemCode::AlreadyBooked).await?;
    let mut used = booking(Part::Prioritised, 92, None, Some(petition));
    if let Some(members) = used.as_object_mut() {
        members.insert("reference".into(), json!("queues-used"));
        members.insert("plate".into(), json!("BC 9002 HT"));
    }
    stage.refused("a petition that was used", book(&used), ProblemCode::PetitionNotUsable).await?;
    Ok(())
}

/// One booking is moved to a later slot, given to another vehicle, and cancelled: each within its limits.
pub(crate) async fn change(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let Booking { id, slot, .. } = stage.booking(Part::Cancelled)?.clone();
    let slot = slot.context("a pre-booked vehicle has a slot")?;
    let address = |act: &str| format!("/api/v1/bookings/{id}/{act}");
    let later = text_of(slot.starts_at + TimeDelta::hours(2));
    let moved: BookingChange = stage
        .post(
            Role::QueueOperator,
            &address("extension"),
            &json!({"reference": "move-1", "slot_starts_at": later}),
        )
        .await?;
    let to = moved.after.slot.map(|slot| text_of(slot.starts_at)).unwrap_or_default();
    stage.compare("a slot moved to", &later, to);
    let again =
        json!({"reference": "move-2", "slot_starts_at": text_of(slot.starts_at + TimeDelta::hours(3))});
    let again = Request::post(Role::QueueOperator, address("extension"), Body::json(&again));
    stage.refused("  moved once more than the rules allow", again, ProblemCode::ChangeNotAllowed).await?;
    let swap = json!({"reference": "swap-1", "plate": "BC 2007 HT", "reason": "поломка"});
    let swapped: BookingChange = stage.post(Role::QueueOperator, &address("vehicle-swap"), &swap).await?;
    stage.compare("a booking given to", "BC 2007 HT", swapped.after.plate.unwrap_or_default());
    let cancel = json!({"reference": "cancel-1", "reason": "рейс скасовано"});
    let cancelled: BookingChange = stage.post(Role::QueueOperator, &address("cancellation"), &cancel).await?;
    stage.compare("  and then", "cancelled", cancelled.kind.as_str());
    Ok(())
}
