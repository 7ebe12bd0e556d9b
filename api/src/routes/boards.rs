//! `GET /boards/{checkpoint}`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::queue::read;
use kordon_hub::queue::views::board;
use kordon_schemas::CheckpointCode;
use kordon_schemas::views::Board;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::conditional::Tag;
use crate::openapi::OfBoards;
use crate::problem::{Failure, Result};

/// Shows the board of a checkpoint.
///
/// For everybody: who is called and who is next, by the end of their plates, and the age of the data. No credential is asked for. The
/// `ETag` changes with everything that is recorded at the checkpoint.
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
    let tag_at = |position: i64| Tag(format!("board-{checkpoint}-{position}"));
    let mut connection = hub.database.connection().await?;
    let tag = tag_at(read::position(&mut connection, &checkpoint).await?);
    if tag.is_known_to(&request) {
        return Ok(tag.not_modified());
    }
    let (board, position) =
        board::board(&mut connection, &checkpoint, hub.board_plate_characters, hub.clock.now()).await?;
    Ok(tag_at(position).mark(HttpResponse::Ok().json(board)))
}
