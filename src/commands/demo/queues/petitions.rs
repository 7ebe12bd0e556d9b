//! Petitions for the priority queue: one that is granted before its vehicle is booked, one that is refused.

use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::{Petition, PetitionOutcome};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cast::Part;
use super::stage::{Stage, at};
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::wire::Body;

fn petition(part: Part) -> Value {
    json!({
        "reference": format!("petition-{part:?}"), "plate": part.plate(), "class": "aid", "stated_by": "Фонд допомоги",
        "documents": [{"kind": "CMR", "number": "KB-17", "issued_on": "2026-01-20"}]
    })
}

fn decision_at(id: Uuid) -> String {
    at(&format!("petitions/{id}/decision"))
}

fn outcome(petition: &Petition) -> &'static str {
    petition.decision.as_ref().map_or("undecided", |decision| decision.outcome.as_str())
}

/// The operator files a petition, the border guard grants it: once, and not the one who filed it.
pub(crate) async fn grant(stage: &mut Stage<'_>) -> anyhow::Result<Uuid> {
    let filed: Petition =
        stage.post(Role::QueueOperator, &at("petitions"), &petition(Part::Prioritised)).await?;
    let granted = json!({"outcome": "granted", "reason": "гуманітарний вантаж, документи перевірено"});
    let by_filer = Request::post(Role::QueueOperator, decision_at(filed.id), Body::json(&granted));
    stage.refused("a petition, decided by the one who filed it", by_filer, ProblemCode::OwnPetition).await?;
    let decided: Petition = stage.post(Role::BorderGuard, &decision_at(filed.id), &granted).await?;
    stage.compare(
        "a petition, decided by the border guard",
        PetitionOutcome::Granted.as_str(),
        outcome(&decided),
    );
    let again = json!({"outcome": "refused", "reason": "ще раз"});
    let again = Request::post(Role::BorderGuard, decision_at(filed.id), Body::json(&again));
    stage.refused("  decided a second time", again, ProblemCode::PetitionDecided).await?;
    Ok(filed.id)
}

/// A petition for a vehicle that waits already is refused: it waits on where it stood.
pub(crate) async fn refuse(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let filed: Petition = stage.post(Role::QueueOperator, &at("petitions"), &petition(Part::Refused)).await?;
    let booking = stage.booking(Part::Refused)?.id;
    let is_for = if filed.booking == Some(booking) { "its booking" } else { "another" };
    stage.compare("a petition for a vehicle that waits is for", "its booking", is_for);
    let refused = json!({"outcome": "refused", "reason": "документи не підтверджують вантаж"});
    let decided: Petition = stage.post(Role::BorderGuard, &decision_at(filed.id), &refused).await?;
    stage.compare("  decided by the border guard", PetitionOutcome::Refused.as_str(), outcome(&decided));
    Ok(())
}
