//! `GET /api/v1/checkpoints/{checkpoint}/queue/stream`.

use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use futures_util::stream;
use kordon_hub::crossings::Position;
use kordon_hub::parties::{Actor, reaches};
use kordon_hub::queue::{feed, read};
use kordon_schemas::CheckpointCode;
use kordon_schemas::changes::QueueChanges;
use serde::Deserialize;
use tokio::sync::watch;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::{AcceptsMedia, EventStream, Media};
use crate::openapi::OfReads;
use crate::problem::{Failure, Result};
use crate::query::{LARGEST_PAGE, Query};
use crate::rights::permissions::FollowQueue;
use crate::rights::{Credential, GrantedAt, Permission, names};
use crate::streams::{Place, Streams};

/// After how many milliseconds a client that was cut off comes back.
const COME_BACK_MILLISECONDS: u32 = 2_000;

/// From where to follow.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// Only what comes after this position, such as that of the queue as it was read. `Last-Event-ID` goes before it. Without
    /// either: only what comes from now on.
    #[param(minimum = 0)]
    after: Option<i64>,
}

/// Follows what changes in a queue.
///
/// Server-Sent Events: each change is an event `change` with its position as `id` and what `list_queue_changes` shows of it as
/// `data`. Who was cut off goes on with `Last-Event-ID`: nothing is missed and nothing comes twice. An event with an `id` alone
/// moves the position on over changes that the role does not see. Comments are heartbeats. The stream ends after an hour, when the
/// hub drains, and when the credential is not good any more; come back then. A system has as many open as the site allows, eight unless it is set otherwise.
#[utoipa::path(
    operation_id = "stream_queue", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<FollowQueue>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("Last-Event-ID" = Option<i64>, Header, description = "The `id` of the last event that was taken."),
        From
    ),
    responses((status = 200, description = "The changes, as they come.", content_type = "text/event-stream", body = String), OfReads)
)]
#[get("/checkpoints/{checkpoint}/queue/stream")]
pub(crate) async fn stream_queue(
    granted: GrantedAt<FollowQueue>,
    _: AcceptsMedia<EventStream>,
    from: Query<From>,
    request: HttpRequest,
    hub: web::Data<Hub>,
    streams: web::Data<Streams>,
) -> Result<HttpResponse> {
    let GrantedAt { actor, checkpoint, .. } = granted;
    let after = match last_event(&request)?.or(from.0.after) {
        Some(after) if after < 0 => return Err(Failure::malformed("query:after", "is 0 or greater")),
        Some(after) => after,
        None => read::position(&mut *hub.database.connection().await?, &checkpoint).await?,
    };
    let (Some(credential), Some(woken)) = (Credential::of(&request), hub.listener.follow(&checkpoint)) else {
        return Err(
            kordon_hub::Error::Internal("who follows has no credential, or follows nothing".into()).into()
        );
    };
    let place = Place::take(streams.clone(), actor.system)?;
    let (closing, until) = (streams.closing(), streams.until(hub.clock.now()));
    let follower = Follower {
        hub,
        streams,
        credential,
        actor,
        checkpoint,
        after,
        woken,
        closing,
        until,
        greeted: false,
        _place: place,
    };
    let events = stream::unfold(follower, Follower::next);
    Ok(HttpResponse::Ok()
        .content_type(EventStream::TYPE)
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        // A proxy that gathers answers would hold events back.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events))
}

fn last_event(request: &HttpRequest) -> Result<Option<i64>> {
    let Some(value) = request.headers().get("Last-Event-ID") else { return Ok(None) };
    let position = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|position| *position >= 0);
    match position {
        Some(position) => Ok(Some(position)),
        None => Err(Failure::malformed("header:Last-Event-ID", "is the `id` of an event of this stream")),
    }
}

/// One who follows.
struct Follower {
    hub: web::Data<Hub>,
    streams: web::Data<Streams>,
    credential: Credential,
    actor: Arc<Actor>,
    checkpoint: CheckpointCode,
    /// Up to where everything was told.
    after: i64,
    woken: watch::Receiver<()>,
    closing: watch::Receiver<bool>,
    until: DateTime<Utc>,
    greeted: bool,
    _place: Place,
}

impl Follower {
    /// The next part of the stream; none ends it. A failure ends it too: the client comes back and is told what is the matter.
    async fn next(mut self) -> Option<(Result<web::Bytes, Infallible>, Self)> {
        if !self.greeted {
            self.greeted = true;
            let greeting = format!("retry: {COME_BACK_MILLISECONDS}\nid: {}\n\n", self.after);
            return Some((Ok(greeting.into()), self));
        }
        loop {
            // What is recorded from here on wakes us, also while we still read.
            self.woken.mark_unchanged();
            if !self.may_go_on().await {
                return None;
            }
            let page = self.page().await.ok()?;
            if page.next > self.after {
                // The right may have ended while the page was read: nothing is told that came after its end.
                if !self.may_go_on().await {
                    return None;
                }
                self.after = page.next;
                return Some((Ok(written(&page)?.into()), self));
            }
            let heartbeat = self.streams.heartbeat();
            let was_silent = tokio::select! {
                // The listener lives as long as the hub; without it the heartbeat is left.
                Ok(()) = self.woken.changed() => false,
                _ = self.closing.wait_for(|closing| *closing) => return None,
                () = tokio::time::sleep(heartbeat) => true,
            };
            if was_silent {
                return self.may_go_on().await.then(|| (Ok(web::Bytes::from_static(b":\n\n")), self));
            }
        }
    }

    /// Whether the hub serves, the time is not over, and the right still holds.
    async fn may_go_on(&mut self) -> bool {
        if *self.closing.borrow() || self.hub.clock.now() >= self.until {
            return false;
        }
        match self.credential.actor(&self.hub).await {
            Ok(Some(actor))
                if FollowQueue::ROLES.contains(&actor.role) && reaches(&actor, &self.checkpoint) =>
            {
                self.actor = actor;
                true
            }
            Ok(Some(_) | None) | Err(_) => false,
        }
    }

    async fn page(&self) -> kordon_hub::Result<QueueChanges> {
        let mut connection = self.hub.database.connection().await?;
        feed::after(&mut connection, &self.actor, &self.checkpoint, Position(self.after), LARGEST_PAGE).await
    }
}

/// A page as events. When the last positions of it are not shown, an event without data moves the reader over them.
fn written(page: &QueueChanges) -> Option<String> {
    let mut text = String::new();
    for change in &page.items {
        let data = serde_json::to_string(change).ok()?;
        write!(text, "id: {}\nevent: change\ndata: {data}\n\n", change.position).ok()?;
    }
    if page.items.last().is_none_or(|last| last.position < page.next) {
        write!(text, "id: {}\n\n", page.next).ok()?;
    }
    Some(text)
}
