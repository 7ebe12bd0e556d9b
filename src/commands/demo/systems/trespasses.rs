//! The requests that the hub has to refuse as a whole, as they are sent.

use anyhow::Context;
use kordon_hub::parties::Role;
use serde_json::json;

use super::client::Request;
use super::wire::Body;
use super::{Play, path, role};
use crate::commands::demo::day::{Post, Trespass};

impl Play {
    /// Does what must be refused, and looks whether it is.
    pub(crate) async fn trespass(&self, post: Post, trespass: Trespass) -> anyhow::Result<()> {
        let reply = self.send(self.forbidden_request(post, trespass)?).await?;
        self.memory().tally.refused += 1;
        if let Some(otherwise) = reply.other_than(trespass.code()) {
            self.disagree(format!("what must be refused ({trespass:?}) was {otherwise}"));
        }
        Ok(())
    }

    fn forbidden_request(&self, post: Post, trespass: Trespass) -> anyhow::Result<Request> {
        let Post { checkpoint, system } = post;
        let events = || path(checkpoint, "events");
        let sound_event = || {
            Body::json(&json!({
                "id": "demo-never", "kind": "zone-arrived", "zone": "NOWHERE", "plate": "BC 1234 KA",
                "occurred_at": self.day_began,
            }))
        };
        Ok(match trespass {
            Trespass::BrokenJson => {
                let bytes = br#"[{"id": "demo-never", "kind": "checkpoint-left""#.to_vec();
                Request::post(role(system), events(), Body { content_type: "application/json", bytes })
            }
            Trespass::DocumentType => {
                let bytes =
                    br#"<!DOCTYPE event [<!ENTITY all SYSTEM "file:///etc/passwd">]><event>&all;</event>"#;
                let body = Body { content_type: "application/xml", bytes: bytes.to_vec() };
                Request::post(role(system), events(), body).with("Accept", "application/xml")
            }
            Trespass::StatedByPressOffice => Request::post(Role::PressOffice, events(), sound_event()),
            Trespass::NoToken => Request::post(role(system), events(), sound_event()).of_nobody(),
            Trespass::UnknownCheckpoint => {
                Request::post(role(system), "/api/v1/checkpoints/UA000000/events", sound_event())
            }
            Trespass::NoPurpose => Request::get(Role::BorderGuard, path(checkpoint, "call-list")),
            Trespass::BookedElsewhere { vehicle } => {
                let mut booking = self.booking(vehicle, self.vehicle(vehicle)?);
                if let Some(members) = booking.as_object_mut() {
                    let reference = format!("{}-elsewhere-{vehicle}", self.script.label);
                    members.insert("reference".to_owned(), json!(reference));
                }
                Request::post(role(system), path(checkpoint, "bookings"), Body::json(&booking))
            }
            Trespass::ReferenceTaken { vehicle } => {
                let mut booking = self.booking(vehicle, self.vehicle(vehicle)?);
                if let Some(members) = booking.as_object_mut() {
                    members.insert("channel".to_owned(), json!("on_site"));
                    members.insert("driver".to_owned(), json!({"name": "Хтось інший"}));
                }
                Request::post(role(system), path(checkpoint, "bookings"), Body::json(&booking))
            }
            Trespass::NotFirst { vehicle } | Trespass::CalledAlready { vehicle } => {
                let booking = self.memory().bookings.get(&vehicle).copied();
                let body = Body::json(&json!({"booking": booking}));
                Request::post(role(system), path(checkpoint, "calls"), body)
            }
            Trespass::PlacedByOther { vehicle } | Trespass::PlacedAlready { vehicle } => {
                let mut placements = self.script.acts.iter().filter_map(|act| act.deed.placement());
                let (event, _) = placements.find(|(_, of)| *of == vehicle).context("nothing was placed")?;
                self.placement(post, event, vehicle)?
            }
            Trespass::NoVersion => self.change_of_no_version(&json!({"fallback_allowed": true}))?,
            Trespass::OldVersion => {
                self.change_of_no_version(&json!({"fallback_allowed": false}))?.with("If-Match", "\"1\"")
            }
            Trespass::OutageOver => self.late_change()?,
        })
    }
}
