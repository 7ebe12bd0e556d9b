//! The contract: OpenAPI 3.1, collected from the routes, with the doc comments as its text.

use std::collections::BTreeMap;

use kordon_schemas::examples::{Example, examples};
use kordon_schemas::xml::NAMESPACE;
use kordon_schemas::{Problem, ProblemCode};
use serde_json::Value;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr};
use utoipa::{IntoResponses, Modify, OpenApi};

/// The parts of the contract that no route holds.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Kordon",
        description = "One database with typed doors for the border-crossing queue (Resolution 1393) and the transit support \
            service (Order 926) of Ukraine.\n\nEvery instant is RFC 3339 with an offset and is answered in UTC. Failures are \
            RFC 9457 problems with a stable `code`; each code has a page under `/problems/{code}`. Unknown members of a request \
            are refused. How often a system, or an address without credentials, may ask is told in `RateLimit-Policy`, what is left \
            of it in `RateLimit`; beyond it the answer is 429 with `Retry-After`. A page of a list that may go on names the next \
            one in `Link` with `rel=\"next\"`. Text for people is `{uk, en}`. The roles that may use an operation stand under `x-roles`.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    servers((url = "/", description = "This hub.")),
    components(schemas(Problem)),
    modifiers(&Credentials),
    tags(
        (name = "checkpoints", description = "Road checkpoints and customs offices: the codes that everything else names."),
        (name = "events", description = "What systems state about vehicles at a checkpoint, and the crossings it comes to."),
        (name = "queue", description = "The waiting queue of a checkpoint: bookings, calls, the gate."),
        (name = "rules", description = "The rules of a checkpoint, by version, and who runs its queue."),
        (name = "fees", description = "What a place costs, that it was paid, what is given back, and the statements."),
        (name = "figures", description = "Throughput, waits, no-shows and refunds, for authorities and as open data."),
        (name = "outages", description = "Outages of ETS and the notices that tell of them."),
        (name = "permits", description = "Continuity permits: leave to use paper declarations for 24 hours while ETS fails."),
        (name = "support", description = "Tickets of the transit support service: their lines, statuses and deadlines."),
        (name = "exchange", description = "Documents of systems that work in batches and in XML: handed in, acknowledged, fetched."),
        (name = "hub", description = "The hub itself: health, metrics, schemas, problems.")
    )
)]
pub struct Contract;

/// Every operation that asks for an actor takes a bearer token or a client certificate.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, contract: &mut utoipa::openapi::OpenApi) {
        let components = contract.components.get_or_insert_with(Default::default);
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token of `kordon credential issue`: `kordon_` and 64 hexadecimal digits."))
            .build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let certificate = SecurityScheme::MutualTls {
            description: Some(
                "A client certificate from a configured authority, bound to a system by `kordon credential issue`.".into(),
            ),
            extensions: None,
            deprecated: None,
        };
        components.add_security_scheme("certificate", certificate);
        let booking = ApiKeyValue::with_description(
            "Authorization",
            "`Booking REFERENCE:SECRET`: the reference of a booking and the secret that its holder was given when it was made.",
        );
        components.add_security_scheme("booking", SecurityScheme::ApiKey(ApiKey::Header(booking)));
    }
}

/// Puts the examples of the messages into the contract, and a description on each member that refers to a message and has none.
/// It runs over the whole contract, after the routes are collected.
///
/// # Errors
/// When an example does not fit its type; the tests keep that from being released.
pub(crate) fn complete(contract: &mut utoipa::openapi::OpenApi) -> kordon_hub::Result<()> {
    let defect = |error: &dyn std::fmt::Display| kordon_hub::Error::Internal(error.to_string());
    let mut text = serde_json::to_value(&*contract).map_err(|error| defect(&error))?;
    let described = descriptions(&text);
    describe_references(&mut text, &described);
    for Example { name, json, xml } in examples().map_err(|error| defect(&error))? {
        if let Some(schema) =
            text.pointer_mut(&format!("/components/schemas/{name}")).and_then(Value::as_object_mut)
        {
            schema.entry("examples").or_insert_with(|| Value::Array(vec![json]));
        }
        if let Some(xml) = xml {
            show_xml(&mut text, &format!("#/components/schemas/{name}"), &xml);
            name_element(&mut text, name, &xml);
        }
    }
    *contract = serde_json::from_value(text).map_err(|error| defect(&error))?;
    Ok(())
}

/// What each message says of itself.
fn descriptions(contract: &Value) -> BTreeMap<String, String> {
    let schemas = contract.pointer("/components/schemas").and_then(Value::as_object);
    schemas
        .into_iter()
        .flatten()
        .filter_map(|(name, schema)| {
            let description = schema.get("description")?.as_str()?;
            Some((format!("#/components/schemas/{name}"), description.to_owned()))
        })
        .collect()
}

/// A member that refers to a message loses its own words when it may be left out; it takes the message's.
fn describe_references(value: &mut Value, described: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            let referred = members
                .get("oneOf")
                .and_then(Value::as_array)
                .and_then(|choices| choices.iter().find_map(|choice| choice.get("$ref")?.as_str()))
                .and_then(|reference| described.get(reference));
            if let (Some(description), false) = (referred, members.contains_key("description")) {
                members.insert("description".into(), Value::String(description.clone()));
            }
            members.values_mut().for_each(|member| describe_references(member, described));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| describe_references(item, described)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Names the XML element of a message, with its namespace. A message that is one of several has an element for each, which it names itself.
fn name_element(contract: &mut Value, name: &str, xml: &str) {
    let root = xml.split_once("?>").map_or(xml, |(_, root)| root).trim_start().trim_start_matches('<');
    let element = root.split([' ', '>']).next().unwrap_or_default();
    let schema = contract.pointer_mut(&format!("/components/schemas/{name}")).and_then(Value::as_object_mut);
    if let Some(schema) = schema.filter(|schema| !schema.contains_key("oneOf")) {
        schema.insert("xml".into(), serde_json::json!({"name": element, "namespace": NAMESPACE}));
    }
}

/// Shows `xml` in the text of every body of this message that may be XML, and names its element. A JSON Schema cannot say more of
/// XML than that; the XSDs do.
fn show_xml(value: &mut Value, reference: &str, xml: &str) {
    match value {
        Value::Object(members) => {
            let refers = members
                .get("content")
                .and_then(|content| content.pointer("/application~1xml/schema/$ref"))
                .is_some_and(|named| named == reference);
            if let (true, Some(Value::String(description))) = (refers, members.get_mut("description")) {
                description.push_str(&format!(
                    "\n\nAs XML:\n\n```xml\n{xml}\n```\n\nIts schema is `/schemas/kordon.xsd`."
                ));
            }
            members.values_mut().for_each(|member| show_xml(member, reference, xml));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| show_xml(item, reference, xml)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A set of problems that an operation may be answered with.
fn problems(codes: &[ProblemCode]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<ProblemCode>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(*code);
    }
    by_status
        .into_iter()
        .map(|(status, codes)| {
            let texts: Vec<String> = codes
                .iter()
                .map(|code| format!("`{}`: {}. {}", code.as_str(), code.title_en(), code.advice()))
                .collect();
            let problem = || Content::new(Some(Ref::from_schema_name("Problem")));
            let response = ResponseBuilder::new()
                .description(texts.join("\n\n"))
                .content("application/problem+json", problem())
                .content("application/problem+xml", problem())
                .build();
            (status.to_string(), RefOr::T(response))
        })
        .collect()
}

/// The problems of every operation that asks for an actor.
const COMMON: [ProblemCode; 11] = [
    ProblemCode::MalformedRequest,
    ProblemCode::Unauthenticated,
    ProblemCode::Forbidden,
    ProblemCode::OutOfScope,
    ProblemCode::NotFound,
    ProblemCode::NotAcceptable,
    ProblemCode::TooManyRequests,
    ProblemCode::Internal,
    ProblemCode::Overloaded,
    ProblemCode::SealingUnavailable,
    ProblemCode::DatabaseUnavailable,
];

/// The problems of every operation that takes a body.
const OF_BODIES: [ProblemCode; 6] = [
    ProblemCode::MalformedJson,
    ProblemCode::MalformedXml,
    ProblemCode::TooDeep,
    ProblemCode::TooLarge,
    ProblemCode::UnsupportedMediaType,
    ProblemCode::Invalid,
];

macro_rules! problem_sets {
    ($($(#[doc = $doc:literal])* $name:ident: [$($part:expr),*];)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                problems(&[$($part.as_slice()),*].concat())
            }
        }
    )*};
}

problem_sets! {
    /// The problems of asking for the health.
    OfHealth: [[ProblemCode::DatabaseUnavailable]];
    /// The problems of a page of the hub itself.
    OfPages: [[ProblemCode::NotFound, ProblemCode::TooManyRequests]];
    /// The problems of a page that is always there.
    OfFixedPages: [[ProblemCode::TooManyRequests]];
    /// The problems of a board.
    OfBoards: [[
        ProblemCode::MalformedRequest, ProblemCode::NotFound, ProblemCode::NotAcceptable, ProblemCode::TooManyRequests,
        ProblemCode::Internal, ProblemCode::DatabaseUnavailable
    ]];
    /// The problems of a holder's question for their booking.
    OfHolders: [COMMON, [ProblemCode::HolderUnknown]];
    /// The problems of a read.
    OfReads: [COMMON];
    /// The problems of a read of personal data.
    OfPersonalReads: [COMMON, [ProblemCode::PurposeRequired]];
    /// The problems of reading petitions.
    OfPetitionReads: [COMMON, [ProblemCode::PurposeRequired, ProblemCode::OtherOperator]];
    /// The problems of recording events.
    OfEvents: [COMMON, OF_BODIES, [
        ProblemCode::EventConflict, ProblemCode::KindNotAllowed, ProblemCode::OccurredInFuture,
        ProblemCode::OccurredTooLongAgo, ProblemCode::VoidElsewhere, ProblemCode::OtherOperator
    ]];
    /// The problems of placing an event.
    OfPlacements: [COMMON, OF_BODIES, [ProblemCode::AlreadyPlaced, ProblemCode::OtherOperator]];
    /// The problems of a booking.
    OfBookings: [COMMON, OF_BODIES, [
        ProblemCode::AlreadyBooked, ProblemCode::IdempotencyConflict, ProblemCode::VehicleBanned, ProblemCode::SlotTaken,
        ProblemCode::PetitionNotUsable, ProblemCode::OtherOperator
    ]];
    /// The problems of changing a booking.
    OfBookingChanges: [COMMON, OF_BODIES, [
        ProblemCode::AlreadyBooked, ProblemCode::BookingOver, ProblemCode::ChangeNotAllowed, ProblemCode::IdempotencyConflict,
        ProblemCode::SlotTaken, ProblemCode::VehicleBanned
    ]];
    /// The problems of filing a petition.
    OfPetitions: [COMMON, OF_BODIES, [ProblemCode::IdempotencyConflict, ProblemCode::OtherOperator]];
    /// The problems of deciding a petition.
    OfDecisions: [COMMON, OF_BODIES, [
        ProblemCode::BookingOver, ProblemCode::ChangeNotAllowed, ProblemCode::PetitionDecided, ProblemCode::OwnPetition,
        ProblemCode::OtherOperator
    ]];
    /// The problems of putting rules.
    OfRules: [COMMON, OF_BODIES, [ProblemCode::PreconditionFailed, ProblemCode::PreconditionRequired]];
    /// The problems of asking about a time.
    OfTimes: [COMMON, [ProblemCode::Invalid]];
    /// The problems of a call.
    OfCalls: [COMMON, OF_BODIES, [
        ProblemCode::NotCallable, ProblemCode::NotFirst, ProblemCode::LanePaused, ProblemCode::IdempotencyConflict,
        ProblemCode::OtherOperator
    ]];
    /// The problems of a read of the queue.
    OfQueue: [COMMON, [ProblemCode::Invalid]];
    /// The problems of a pause.
    OfPauses: [COMMON, OF_BODIES, [ProblemCode::LanePaused, ProblemCode::OtherOperator]];
    /// The problems of ending a pause.
    OfPauseEnds: [COMMON, [ProblemCode::OtherOperator, ProblemCode::LanePaused]];
    /// The problems of putting a tariff.
    OfTariffs: [COMMON, OF_BODIES];
    /// The problems of a quote.
    OfQuotes: [COMMON, [ProblemCode::Invalid, ProblemCode::NoTariff, ProblemCode::RateUnavailable]];
    /// The problems of a payment.
    OfPayments: [COMMON, OF_BODIES, [
        ProblemCode::AlreadyPaid, ProblemCode::IdempotencyConflict, ProblemCode::NoTariff, ProblemCode::RateUnavailable
    ]];
    /// The problems of a refund.
    OfRefunds: [COMMON, OF_BODIES, [ProblemCode::NotRefundable, ProblemCode::IdempotencyConflict]];
    /// The problems of a read whose period may be wrong.
    OfPeriods: [COMMON, [ProblemCode::Invalid]];
    /// The problems of open data, for which nobody is asked who they are.
    OfOpenData: [[
        ProblemCode::MalformedRequest, ProblemCode::NotFound, ProblemCode::NotAcceptable, ProblemCode::Invalid,
        ProblemCode::TooManyRequests, ProblemCode::Internal, ProblemCode::DatabaseUnavailable
    ]];
    /// The problems of a question with a body.
    OfQuestions: [COMMON, OF_BODIES];
    /// The problems of declaring an outage.
    OfDeclarations: [COMMON, OF_BODIES, [
        ProblemCode::OutageTwin, ProblemCode::OutageOverlap, ProblemCode::IdempotencyConflict
    ]];
    /// The problems of changing an outage.
    OfChanges: [COMMON, OF_BODIES, [
        ProblemCode::OutageTwin, ProblemCode::OutageOverlap, ProblemCode::OutageOver, ProblemCode::PreconditionFailed, ProblemCode::PreconditionRequired
    ]];
    /// The problems of a text that waits for a person.
    OfReviews: [COMMON, OF_BODIES, [ProblemCode::NotUnderReview]];
    /// The problems of filing a ticket.
    OfTickets: [COMMON, OF_BODIES, [ProblemCode::IdempotencyConflict]];
    /// The problems of changing an article.
    OfArticles: [COMMON, OF_BODIES, [
        ProblemCode::ArticleState, ProblemCode::PreconditionFailed, ProblemCode::PreconditionRequired
    ]];
    /// The problems of handing in mail.
    OfMail: [COMMON, [ProblemCode::TooLarge, ProblemCode::UnsupportedMediaType, ProblemCode::Invalid]];
    /// The problems of registering a message.
    OfMessages: [COMMON, OF_BODIES, [ProblemCode::MessageSettled]];
    /// The problems of filing a request for a permit.
    OfPermitRequests: [COMMON, OF_BODIES, [ProblemCode::IdempotencyConflict, ProblemCode::PermitTwin]];
    /// The problems of doing something with a request or a permit.
    OfPermitActs: [COMMON, OF_BODIES, [ProblemCode::PermitMoveRefused, ProblemCode::TicketMoveRefused]];
    /// The problems of checking a permit.
    OfPermitChecks: [COMMON, [ProblemCode::Invalid]];
    /// The problems of handing in a document that say nothing of the document itself.
    OfDocuments: [COMMON, [ProblemCode::TooLarge, ProblemCode::UnsupportedMediaType, ProblemCode::DocumentConflict]];
    /// The problems of doing something with a ticket.
    OfTicketActs: [COMMON, OF_BODIES, [
        ProblemCode::TicketMoveRefused, ProblemCode::PreconditionFailed, ProblemCode::PreconditionRequired
    ]];
}
