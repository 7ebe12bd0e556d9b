//! `POST /api/v1/checkpoints/{checkpoint}/events`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::checkpoints::operators;
use kordon_hub::crossings::{Fact, Recorded, Submission, rules};
use kordon_schemas::events::{EventAnswer, EventAnswers, EventsIn, Outcome};
use kordon_schemas::read::{ReadEvents, RefusedItem, read_events_json, read_events_xml};
use kordon_schemas::{CheckpointCode, Problem};

use crate::Hub;
use crate::answer::{Accepts, Form};
use crate::body::Body;
use crate::openapi::OfEvents;
use crate::problem::{Failure, Result};
use crate::rights::permissions::RecordEvents;
use crate::rights::{GrantedAt, names};

/// Records checkpoint events.
///
/// One event, or a list of up to 1,000, as JSON or as XML (also in windows-1251). The answer comes after the commit: what is
/// answered as recorded stays recorded. Events may come late and out of order; each finds its place by `occurred_at`.
///
/// A list is answered with 200 and one item for each event, in order; an event that is refused does not hold up the others. A
/// single event is answered by status: 201 recorded (also when it contradicts another fact), 200 recorded before, 202 recorded
/// but unmatched, or the problem for which it was refused.
#[utoipa::path(
    operation_id = "record_events", tag = "events",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<RecordEvents>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    request_body(
        description = "One event or a list of them. A list in XML is an element `events` of elements `event`.",
        content((EventsIn = "application/json"), (EventsIn = "application/xml"))
    ),
    responses(
        (status = 200, description = "A list, answered one by one; or a single event that was recorded before.",
            content((AnsweredEvents = "application/json"), (AnsweredEvents = "application/xml"))),
        (status = 201, description = "The event is recorded and placed in a crossing.",
            content((EventAnswer = "application/json"), (EventAnswer = "application/xml"))),
        (status = 202, description = "The event is recorded; no crossing of the vehicle fits yet.",
            content((EventAnswer = "application/json"), (EventAnswer = "application/xml"))),
        OfEvents
    )
)]
#[post("/checkpoints/{checkpoint}/events")]
pub(crate) async fn record_events(
    granted: GrantedAt<RecordEvents>,
    accepts: Accepts,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let ReadEvents { single, items } = match body.form {
        Form::Json => read_events_json(&body.bytes)?,
        Form::Xml => read_events_xml(&body.bytes, body.charset.as_deref())?,
    };
    let now = hub.clock.now();
    let terms = operators::terms(&hub.database, &granted.actor, &granted.checkpoint).await?;
    let mut facts = Vec::with_capacity(items.len());
    let mut stated = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let read = item.and_then(|event| {
            let id = event.id.clone();
            let stated = rules::state(&granted.actor, &granted.checkpoint, terms.as_ref(), event, now);
            stated.map_err(|mut problem| {
                for fault in &mut problem.faults {
                    fault.path = place_in(body.form, (!single).then_some(index), &fault.path);
                }
                Box::new(RefusedItem { id: Some(id), problem: *problem })
            })
        });
        stated.push(match read {
            Ok(fact) => {
                let id = fact.event_id.clone();
                facts.push(fact);
                Ok(id)
            }
            Err(refused) => Err(refused),
        });
    }
    let recorded = record(&hub, granted.checkpoint, facts).await?;
    answer(single, accepts.0, stated, recorded)
}

/// Where a member of an event stands in what was sent, from its JSON Pointer in the event and the event's place in a list.
fn place_in(form: Form, index: Option<usize>, pointer: &str) -> String {
    match (form, index) {
        (Form::Json, None) => pointer.to_owned(),
        (Form::Json, Some(index)) => format!("/{index}{pointer}"),
        (Form::Xml, None) => format!("event{pointer}"),
        (Form::Xml, Some(index)) => format!("events/event[{}]{pointer}", index + 1),
    }
}

async fn record(hub: &Hub, checkpoint: CheckpointCode, facts: Vec<Fact>) -> Result<Vec<Recorded>> {
    Ok(hub.recorder.record(Submission { checkpoint, facts }).await?)
}

/// The two shapes of a 200: the answers to a list, or to a single event.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = AnsweredEvents)]
#[expect(dead_code, reason = "it describes the answer in the contract; the handler writes one or the other")]
enum AnsweredEvents {
    /// The answers to a list.
    #[schema(title = "list")]
    List(EventAnswers),
    /// The answer to a single event.
    #[schema(title = "single")]
    Single(EventAnswer),
}

fn answer(
    single: bool,
    form: Form,
    stated: Vec<Result<String, Box<RefusedItem>>>,
    recorded: Vec<Recorded>,
) -> Result<HttpResponse> {
    let mut recorded = recorded.into_iter();
    let mut items: Vec<EventAnswer> = stated
        .into_iter()
        .filter_map(|stated| match stated {
            Ok(id) => recorded.next().map(|recorded| of_recorded(id, recorded)),
            Err(refused) => {
                let RefusedItem { id, problem } = *refused;
                Some(refusal(id, problem))
            }
        })
        .collect();
    match items.pop() {
        Some(only) if single => one(form, only),
        last => {
            items.extend(last);
            form.answer(StatusCode::OK, &EventAnswers { items })
        }
    }
}

fn one(form: Form, answer: EventAnswer) -> Result<HttpResponse> {
    let status = match answer.outcome {
        Outcome::Recorded | Outcome::Contradictory => StatusCode::CREATED,
        Outcome::Duplicate => StatusCode::OK,
        Outcome::Unmatched => StatusCode::ACCEPTED,
        Outcome::Refused => {
            let problem = answer.problem.ok_or_else(|| {
                Failure::from(kordon_hub::Error::Internal("a refused event has no problem".into()))
            })?;
            return Err(problem.into());
        }
    };
    form.answer(status, &answer)
}

fn of_recorded(id: String, recorded: Recorded) -> EventAnswer {
    let Recorded { outcome, position, crossing, refusal } = recorded;
    EventAnswer {
        id: Some(id),
        outcome,
        position: position.map(|position| position.0),
        crossing: crossing.map(|crossing| crossing.0),
        problem: refusal.map(|(code, detail)| Problem::new(code, detail)),
    }
}

const fn refusal(id: Option<String>, problem: Problem) -> EventAnswer {
    EventAnswer { id, outcome: Outcome::Refused, position: None, crossing: None, problem: Some(problem) }
}
