//! What goes wrong, said the same way everywhere: RFC 9457 problems with a stable code from one closed list.
//!
//! To add a code: add the variant, then the compiler asks for its name, status, titles and advice; the page
//! under `/problems/{code}`, the contract and the XML form follow by themselves.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One place in a request that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// Where: a JSON Pointer for JSON, element names and `line:column` for XML, `header:` or `query:` and the name otherwise.
    #[schema(example = "/occurred_at")]
    pub path: String,
    /// What is wrong and what to change.
    #[schema(example = "is 3 hours in the future; the hub takes at most 120 seconds")]
    pub detail: String,
}

impl Fault {
    /// A fault at a place.
    #[must_use]
    pub fn new(path: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { path: path.into(), detail: detail.into() }
    }
}

/// A problem, as RFC 9457 has it, with the hub's own members `code`, `request_id` and `faults`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The address of the page that explains the code.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid")]
    pub type_: String,
    /// A short name of the problem, in the language that `Accept-Language` asks for (uk or en).
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The stable code. Programs decide by it.
    pub code: ProblemCode,
    /// What happened this time and what to change.
    pub detail: String,
    /// The id of the request, to name when asking for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Each place in the request that is at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
}

impl Problem {
    /// A problem without faults and request id, titled in English.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            type_: format!("/problems/{}", code.as_str()),
            title: code.title_en().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            request_id: None,
            faults: Vec::new(),
        }
    }

    /// The same problem with the places that are at fault.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.faults = faults;
        self
    }
}

/// The closed list of problems. The code is the variant's name in snake_case and never changes its meaning.
macro_rules! problem_codes {
    ($($(#[doc = $doc:literal])* $variant:ident, $code:tt, $status:literal, $en:literal, $uk:literal, $advice:tt;)*) => {
        /// The closed list of codes. Programs decide by the code; its meaning never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum ProblemCode {
            $(#[doc = $advice] #[serde(rename = $code)] $variant,)*
        }

        impl ProblemCode {
            /// Every code, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The HTTP status that it is answered with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// Its name in English.
            #[must_use]
            pub const fn title_en(self) -> &'static str {
                match self { $(Self::$variant => $en),* }
            }

            /// Its name in Ukrainian.
            #[must_use]
            pub const fn title_uk(self) -> &'static str {
                match self { $(Self::$variant => $uk),* }
            }

            /// What the one who meets it is to do.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice),* }
            }
        }
    };
}

problem_codes! {
    MalformedJson, "malformed_json", 400, "The JSON cannot be read", "JSON не читається",
        "Send one JSON document in UTF-8; the detail names the line and column.";
    MalformedXml, "malformed_xml", 400, "The XML cannot be read", "XML не читається",
        "Send one well-formed XML document without DTD, in UTF-8 or windows-1251; the detail names the line and column.";
    MalformedRequest, "malformed_request", 400, "The request cannot be read", "Запит не читається",
        "Correct the path, query or header that the faults name.";
    TooDeep, "too_deep", 400, "The document is nested too deeply", "Надто глибока вкладеність документа",
        "No message of the hub needs more than 32 levels.";
    PurposeRequired, "purpose_required", 400, "The purpose of this read is missing", "Не зазначено мету запиту персональних даних",
        "Personal data is read for a purpose: name the legal basis in the header `Kordon-Purpose` (or `Uxp-Purpose-Ids`), 3 to 200 characters.";
    Unauthenticated, "unauthenticated", 401, "Who is asking is not known", "Не встановлено, хто звертається",
        "Send `Authorization: Bearer` with a token that is neither expired nor revoked, or a bound client certificate.";
    HolderUnknown, "holder_unknown", 401, "The reference or the secret is wrong", "Неправильний номер бронювання або секрет",
        "Send `Authorization: Booking REFERENCE:SECRET` as the queue operator gave them; the operator can renew a lost secret.";
    Forbidden, "forbidden", 403, "This system has no right to this act", "Система не має права на цю дію",
        "Only the roles listed with the operation may do this; ask the administrator of the hub.";
    OutOfScope, "out_of_scope", 403, "This system has no right at this place", "Система не має права на це місце",
        "The system is limited to certain checkpoints or zones; ask the administrator of the hub.";
    OtherOperator, "other_operator", 403, "Another operator runs this checkpoint's queue", "Чергою цього пункту пропуску керує інший оператор",
        "One operator at a time books and calls at a checkpoint; a hand-over is recorded by the administrator of the hub.";
    NotFound, "not_found", 404, "There is no such thing", "Такого немає",
        "Check the address and the ids in it.";
    MethodNotAllowed, "method_not_allowed", 405, "This address does not know the method", "Метод не підтримується за цією адресою",
        "Use one of the methods in the header `Allow`.";
    NotAcceptable, "not_acceptable", 406, "There is no such form of the answer", "Немає такої форми відповіді",
        "Ask for `application/json`, or `application/xml` where the contract offers it.";
    EventConflict, "event_conflict", 409, "The event id is taken by another content", "Ідентифікатор події вже має інший зміст",
        "An event id says the same thing for ever: send another id, or `void` the earlier event.";
    AlreadyBooked, "already_booked", 409, "The vehicle has an active booking", "Транспортний засіб уже має чинне бронювання",
        "A vehicle has one active booking over all checkpoints; it ends when the vehicle has left its checkpoint, or the booking is cancelled.";
    VehicleBanned, "vehicle_banned", 409, "The vehicle may not book for now", "Транспортному засобу тимчасово заборонено бронювання",
        "The vehicle did not come before, and the rules of that checkpoint keep it from booking until the time in the detail.";
    SlotTaken, "slot_taken", 409, "The slot has no free place", "У цьому часовому проміжку немає вільних місць",
        "Choose another slot; `GET /api/v1/checkpoints/{checkpoint}/slots` shows what is free.";
    BookingOver, "booking_over", 409, "The booking is over", "Бронювання вже не чинне",
        "It was cancelled, its vehicle did not come, or it has entered; book anew.";
    ChangeNotAllowed, "change_not_allowed", 409, "The booking cannot be changed so", "Бронювання не можна змінити в такий спосіб",
        "The detail names the rule: what is not allowed after a call, or more often than the rules of the booking have it.";
    PetitionDecided, "petition_decided", 409, "The petition is decided already", "Рішення за клопотанням уже ухвалено",
        "A petition is decided once; file another one if there is something new to decide.";
    OwnPetition, "own_petition", 403, "Who filed a petition does not decide it", "Хто подав клопотання, той не ухвалює рішення за ним",
        "Another system that may decide petitions decides it: the border guard's, or another of the operator's.";
    PetitionNotUsable, "petition_not_usable", 409, "The petition gives this booking no priority", "Клопотання не дає цьому бронюванню першочерговості",
        "A booking of the priority queue names a petition that was granted for its vehicle at this checkpoint and not used yet.";
    NotCallable, "not_callable", 409, "The vehicle cannot be called now", "Транспортний засіб зараз не можна викликати",
        "The detail says where the vehicle stands.";
    NotFirst, "not_first", 409, "Another vehicle stands before this one", "Перед цим транспортним засобом є інший",
        "Call the first in order, or give the reason for which this one goes first; it is kept with the call.";
    LanePaused, "lane_paused", 409, "Calls are paused", "Виклик призупинено",
        "While the lane or the checkpoint is paused nobody is called; the detail says why. End the pause first.";
    AlreadyPlaced, "already_placed", 409, "The event belongs to a crossing already", "Подію вже віднесено до перетину",
        "Only unmatched events can be assigned; void the event if it was wrong.";
    IdempotencyConflict, "idempotency_conflict", 409, "The idempotency key was used for another request", "Ключ ідемпотентності вже використано для іншого запиту",
        "Use a new `Idempotency-Key` for a new request, or a new `reference` where the body has one.";
    DocumentConflict, "document_conflict", 409, "The document's id is taken by another content", "Ідентифікатор документа вже має інший зміст",
        "An id of a document stands for the same bytes for ever: give another document an id of its own.";
    OutageTwin, "outage_twin", 409, "The same outage is declared already", "Цю недоступність уже оголошено",
        "Change the outage that the detail names instead of declaring it again.";
    OutageOverlap, "outage_overlap", 409, "Another outage of these systems runs at that time", "На цей час уже оголошено недоступність цих систем",
        "Change or end the outage that the detail names, or declare this one for other systems, functionalities, another direction or time.";
    OutageOver, "outage_over", 409, "The outage is over", "Недоступність уже завершено",
        "A recovered or cancelled outage is not changed; declare a new one.";
    NotUnderReview, "not_under_review", 409, "The text waits for nobody", "Текст не очікує на перевірку",
        "A text is changed while it waits for a person, until its `review_until`; the detail says where it is. Change the outage to tell of something else.";
    TicketMoveRefused, "ticket_move_refused", 409, "The ticket does not move so", "Запит не переходить у такий статус",
        "The detail says where the ticket can go from where it stands, or who may move it.";
    ArticleState, "article_state", 409, "The article does not stand so", "Стаття в іншому стані",
        "What is published is not published again, and only what is published is withdrawn.";
    MessageSettled, "message_settled", 409, "The message became something already", "Повідомлення вже опрацьовано",
        "A message is registered once; the detail says what became of it.";
    PermitTwin, "permit_twin", 409, "A permit was asked for already", "Дозвіл за цим інцидентом уже запитано",
        "One incident of a trader at an office has one request or permit at a time; the detail names it. Follow that one.";
    PermitMoveRefused, "permit_move_refused", 409, "The request or permit does not move so", "Запит або дозвіл не переходить у такий стан",
        "The detail says where the request or permit stands, and what can be done from there.";
    NoTariff, "no_tariff", 409, "The checkpoint has no tariff for that day", "Для цього дня пункт пропуску не має тарифу",
        "The administrator puts the tariff of a checkpoint; until then nothing is quoted or paid there.";
    AlreadyPaid, "already_paid", 409, "The fee of this booking is paid", "Плату за це бронювання вже внесено",
        "A booking is paid once; the detail names the reference of its payment.";
    NotRefundable, "not_refundable", 409, "Nothing is to be given back in this case", "У цьому випадку кошти не повертаються",
        "The detail says which fact or rule stands in the way.";
    PreconditionFailed, "precondition_failed", 412, "It was changed in the meantime", "Дані тим часом змінено",
        "Read it again and repeat the change with the new `ETag` in `If-Match`.";
    TooLarge, "too_large", 413, "The request is too large", "Запит завеликий",
        "A request has at most 2 MiB and 1,000 events; send several.";
    UnsupportedMediaType, "unsupported_media_type", 415, "The body has an unknown form", "Невідома форма тіла запиту",
        "Send `Content-Type: application/json`, or `application/xml` where the contract offers it, in UTF-8 (XML also in windows-1251).";
    Invalid, "invalid", 422, "The request breaks a rule", "Запит порушує правило",
        "Each fault names a place and what to change there.";
    SignatureRefused, "signature_refused", 422, "The signature of the document is not taken", "Підпис документа не прийнято",
        "Sign the whole document by one enveloped XAdES signature with a certificate that is bound to the system, or ask the administrator of the hub.";
    KindNotAllowed, "kind_not_allowed", 422, "This role does not state events of this kind", "Ця роль не фіксує подій такого виду",
        "Each authority states only the facts of its own duty (Resolution 1393, clauses 31 and 32).";
    OccurredInFuture, "occurred_in_future", 422, "The event has not happened yet", "Подія ще не відбулася",
        "Check the clock and the offset of the sending system; the hub takes at most 120 seconds of the future.";
    OccurredTooLongAgo, "occurred_too_long_ago", 422, "The event happened too long ago", "Подія відбулася надто давно",
        "The hub takes events of the last 30 days.";
    VoidElsewhere, "void_elsewhere", 422, "The event to void is of another checkpoint", "Подія, яку скасовують, належить іншому пункту пропуску",
        "Send the void to the checkpoint of the event, once.";
    PreconditionRequired, "precondition_required", 428, "The change needs `If-Match`", "Для зміни потрібен `If-Match`",
        "Read the thing first and send its `ETag` in `If-Match`, so that nobody's change is lost.";
    TooManyRequests, "too_many_requests", 429, "Too many requests or streams", "Забагато запитів або потоків",
        "Slow down: the header `RateLimit` tells what is left, `Retry-After` the seconds to wait. A system follows only so many streams at once.";
    Internal, "internal", 500, "The hub failed", "Збій системи «Кордон»",
        "It is not your fault. Try again; if it stays, name the request id to the operator of the hub.";
    Overloaded, "overloaded", 503, "The hub is busy", "Концентратор перевантажений",
        "Nothing was recorded. Send the same again after the seconds in `Retry-After`.";
    RateUnavailable, "rate_unavailable", 503, "The official rate of that day cannot be had", "Офіційний курс на цей день недоступний",
        "Nothing was quoted or recorded. Ask again after the seconds in `Retry-After`; the rate of another day is never taken in its place.";
    SealingUnavailable, "sealing_unavailable", 503, "Exchanges cannot be sealed for now", "Обмін тимчасово неможливо засвідчити",
        "Nothing was done. The hub takes exchanges over Trembita only while it can sign and time-stamp them; ask again after the seconds in `Retry-After`.";
    DatabaseUnavailable, "database_unavailable", 503, "The database is away", "База даних недоступна",
        "It is not known whether this was recorded. Send the same again with the same ids after the seconds in `Retry-After`; nothing is recorded twice.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_named_once_and_explained() {
        let mut seen = std::collections::HashSet::new();
        for code in ProblemCode::ALL {
            assert!(seen.insert(code.as_str()), "{} stands twice", code.as_str());
            assert!((400..600).contains(&code.status()));
            for text in [code.title_en(), code.title_uk(), code.advice()] {
                assert!(!text.is_empty(), "{}", code.as_str());
            }
        }
    }

    #[test]
    fn the_wire_name_is_the_code() {
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
