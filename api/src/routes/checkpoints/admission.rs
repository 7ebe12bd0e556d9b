//! `POST /api/v1/checkpoints/{checkpoint}/admission`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::queue::admission;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::{Admission, AdmissionIn};
use kordon_schemas::read::read_admission_xml;

use crate::Hub;
use crate::answer::{Accepts, Form};
use crate::body::Body;
use crate::openapi::OfQuestions;
use crate::problem::Result;
use crate::rights::permissions::Admit;
use crate::rights::{GrantedAt, names};

/// Asks whether a vehicle may enter.
///
/// Admit or refuse, and why, for a plate at the gate. It records nothing: what then happens, the border guard states as an
/// event. It is a question with a body, and not an address, so that no plate ends up in the logs on the way.
#[utoipa::path(
    operation_id = "ask_admission", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<Admit>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    request_body(
        description = "The plate at the gate.",
        content((AdmissionIn = "application/json"), (AdmissionIn = "application/xml"))
    ),
    responses(
        (status = 200, description = "Admit or refuse.", content((Admission = "application/json"), (Admission = "application/xml"))),
        OfQuestions
    )
)]
#[post("/checkpoints/{checkpoint}/admission")]
pub(crate) async fn ask_admission(
    granted: GrantedAt<Admit>,
    accepts: Accepts,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let AdmissionIn { plate } = match body.form {
        Form::Json => body.json()?,
        Form::Xml => read_admission_xml(&body.bytes, body.charset.as_deref())?,
    };
    let mut connection = hub.database.connection().await?;
    let admission =
        admission::admission(&mut connection, &granted.checkpoint, &plate, hub.clock.now()).await?;
    accepts.0.answer(StatusCode::OK, &admission)
}
