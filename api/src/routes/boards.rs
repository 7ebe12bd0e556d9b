//! `GET /boards/{checkpoint}`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::Error;
use kordon_hub::queue::read;
use kordon_hub::queue::views::board;
use kordon_schemas::CheckpointCode;
use kordon_schemas::views::Board;

use crate::Hub;
use crate::answer::{AcceptsJson, Form};
use crate::conditional::Tag;
use crate::openapi::OfBoards;
use crate::problem::{Failure, Result};
use crate::shown::{Key, View, Written};

/// Shows the board of a checkpoint.
///
/// For everybody: who is called and who is next, by the end of their plates, as much of them as the rules of the checkpoint say, and
/// the age of the data. No credential is asked for. The
/// `ETag` changes with everything that is recorded at the checkpoint, and with the minute, since slots begin with the clock.
#[utoipa::path(
    operation_id = "show_board", tag = "queue", security(()),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the version that is known.")
    ),
    responses(
        (status = 200, description = "The board.", body = Board),
        (status = 304, description = "The known version is the current one."),
        OfBoards
    )
)]
#[get("/boards/{checkpoint}")]
pub(crate) async fn show_board(
    _: AcceptsJson,
    path: web::Path<String>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let checkpoint = CheckpointCode::parse(&path)
        .map_err(|fault| Failure::malformed("path:checkpoint", fault.to_string()))?;
    let now = hub.clock.now();
    let minute = read::minute(now).timestamp() / 60;
    let tag_at = |position: i64| Tag(format!("board-{checkpoint}-{position}-{minute}"));
    if let Some(known) =
        hub.positions.recently(&checkpoint).map(tag_at).filter(|tag| tag.is_known_to(&request))
    {
        return Ok(known.not_modified());
    }
    let position = hub.positions.of(&checkpoint).await?;
    if tag_at(position).is_known_to(&request) {
        return Ok(tag_at(position).not_modified());
    }
    let key = Key {
        view: View::Board,
        checkpoint: checkpoint.clone(),
        lane: None,
        position,
        minute,
        form: Form::Json,
    };
    let written = hub
        .shown
        .at(key, async {
            let mut connection = hub.database.connection().await?;
            let characters = hub.board_plate_characters;
            let (board, position) = board::board(&mut connection, &checkpoint, characters, now).await?;
            let body = serde_json::to_vec(&board).map_err(|error| Error::Internal(error.to_string()))?;
            Ok(Written { position, body: body.into() })
        })
        .await?;
    Ok(tag_at(written.position).mark(Form::Json.answer_written(StatusCode::OK, written.body)))
}
