//! The queue operator's part: bookings, calls, and the placing of events that matched no crossing.

use anyhow::Context;
use kordon_hub::parties::Role;
use kordon_schemas::events::{EventAnswer, Outcome};
use kordon_schemas::queue::{Booking, Call, CallExplanation, CallRule};
use serde_json::{Value, json};

use super::client::Request;
use super::wire::Body;
use super::{Play, path, role, text_of};
use crate::commands::demo::day::{Calling, Post, Vehicle, When};

impl Play {
    pub(crate) async fn book(&self, number: usize, status: u16) -> anyhow::Result<()> {
        let vehicle = self.vehicle(number)?;
        let request = Request::post(
            Role::QueueOperator,
            path(vehicle.checkpoint, "bookings"),
            Body::json(&self.booking(number, vehicle)),
        );
        let reply = self.send(request).await?;
        if reply.status != status {
            self.disagree(format!(
                "the booking {} was answered {}, not {status}",
                vehicle.reference, reply.status
            ));
        }
        let booking: Booking = reply.json().with_context(|| format!("the booking {}", vehicle.reference))?;
        let mut memory = self.memory();
        memory.tally.bookings += usize::from(reply.status == 201);
        let known = *memory.bookings.entry(number).or_insert(booking.id);
        let at = self.instant(When::OfDay(vehicle.booked), None);
        if known != booking.id || booking.plate != vehicle.plate || Some(booking.booked_at) != at {
            memory.disagreements.push(format!("the booking {} came back as {booking:?}", vehicle.reference));
        }
        Ok(())
    }

    /// A booking as the operator sends it.
    pub(crate) fn booking(&self, number: usize, vehicle: &Vehicle) -> Value {
        let channels = ["web", "call_centre", "terminal", "on_site"];
        let mut booking = json!({
            "reference": vehicle.reference,
            "plate": vehicle.plate,
            "queue": "live",
            "channel": channels.get(number % channels.len()),
            "booked_at": self.instant(When::OfDay(vehicle.booked), None).map(text_of),
        });
        if let (Some(driver), Some(members)) = (&vehicle.driver, booking.as_object_mut()) {
            members.insert("driver".to_owned(), json!({"name": driver}));
        }
        booking
    }

    pub(crate) async fn call(&self, calling: Calling) -> anyhow::Result<()> {
        let Calling { vehicle: number, place, waiting, reason } = calling;
        let vehicle = self.vehicle(number)?;
        let expected = self.memory().bookings.get(&number).copied();
        // At a hub that others use too the first in order may be another's vehicle, which a demonstration
        // does not call.
        let body = match (reason, self.alone) {
            (None, true) => json!({}),
            (Some(_), _) | (None, false) => {
                json!({"booking": expected, "reason": reason.unwrap_or("демонстрація")})
            }
        };
        let request =
            Request::post(Role::QueueOperator, path(vehicle.checkpoint, "calls"), Body::json(&body));
        let call: Call =
            self.send(request).await?.json().with_context(|| format!("the call of {}", vehicle.plate))?;
        let rule = if place == 1 { CallRule::Turn } else { CallRule::OutOfOrder };
        let CallExplanation { place: told_place, waiting: told_waiting, rule: told_rule, stood: _, turns: _ } =
            &call.explanation;
        let explained = (*told_place, *told_waiting, *told_rule) == (place, waiting, rule);
        let mut memory = self.memory();
        memory.tally.calls += 1;
        memory.called_at.insert(number, call.called_at);
        if Some(call.booking) != expected || call.plate != vehicle.plate || (self.alone && !explained) {
            memory.disagreements.push(format!(
                "{} had to be called from place {place} of {waiting} by the rule {rule:?}; the hub called {call:?}",
                vehicle.plate
            ));
        }
        Ok(())
    }

    pub(crate) async fn place(&self, post: Post, event: &str, vehicle: usize) -> anyhow::Result<()> {
        let reply = self.send(self.placement(post, event, vehicle)?).await?;
        let answer: EventAnswer = reply.json().with_context(|| format!("the placing of {event}"))?;
        let mut memory = self.memory();
        memory.tally.placed += 1;
        if answer.outcome != Outcome::Recorded || answer.crossing != memory.bookings.get(&vehicle).copied() {
            memory.disagreements.push(format!("the placing of {event} was answered {answer:?}"));
        }
        Ok(())
    }

    /// The request to place an event in a vehicle's crossing.
    pub(crate) fn placement(&self, post: Post, event: &str, vehicle: usize) -> anyhow::Result<Request> {
        let memory = self.memory();
        let position = memory.positions.get(event).with_context(|| format!("{event} was not recorded"))?;
        let body =
            json!({"crossing": memory.bookings.get(&vehicle), "reason": "номер прочитано неправильно"});
        let path = path(post.checkpoint, &format!("events/{position}/placement"));
        Ok(Request::post(role(post.system), path, Body::json(&body)))
    }
}
