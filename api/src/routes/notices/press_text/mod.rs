//! `/api/v1/notices/{notice}/press-text`: the words in which a notice goes to the press office, and the
//! person who changes them first (H3.16).

use actix_web::HttpResponse;
use kordon_adapters::press_office::text::press_texts;
use kordon_hub::notices::NoticeId;
use kordon_hub::notices::press_review::Review;
use kordon_schemas::press_texts::{PressReview, PressTexts};
use uuid::Uuid;

use crate::problem::{Failure, Result};

pub(crate) mod edit;
pub(crate) mod release;
pub(crate) mod show;

fn id(path: &str) -> Result<NoticeId> {
    let id = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:notice", "is a UUID"))?;
    Ok(NoticeId(id))
}

fn answer(review: &Review) -> HttpResponse {
    let Review { dispatch, edited_at, until, delivery } = review;
    let PressTexts { uk, en } = press_texts(dispatch);
    HttpResponse::Ok().json(PressReview {
        notice_id: dispatch.notice.id.0,
        uk,
        en,
        edited_at: *edited_at,
        review_until: *until,
        delivery: *delivery,
    })
}
