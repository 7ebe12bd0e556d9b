//! Outages of the electronic transit system on the wire: what the first line declares and changes (H3.16),
//! and what every reader gets back. A page of them has an XML form.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::support::words;
use crate::text::Bilingual;

/// Whether the outage was foreseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutageKind {
    /// Work with a window that is announced beforehand. Its expected end is required.
    Planned,
    /// A failure. Its end may be unknown until recovery.
    Unplanned,
}

impl OutageKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Planned, Self::Unplanned];

    /// The word for it on the wire and in the records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Unplanned => "unplanned",
        }
    }
}

/// A system that an outage takes away from its users (H4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AffectedSystem {
    /// The national electronic transit system (ETS, NCTS).
    Ets,
    /// The guarantee management system.
    GuaranteeManagement,
    /// The customs information system.
    CustomsInformation,
    /// The link between these systems and the declarant's own.
    DeclarantLink,
}

impl AffectedSystem {
    /// Every system, in the order in which they are listed.
    pub const ALL: [Self; 4] =
        [Self::Ets, Self::GuaranteeManagement, Self::CustomsInformation, Self::DeclarantLink];

    /// The word for it on the wire and in the records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ets => "ets",
            Self::GuaranteeManagement => "guarantee_management",
            Self::CustomsInformation => "customs_information",
            Self::DeclarantLink => "declarant_link",
        }
    }
}

/// A business functionality of NCTS by its code (CL168): one letter. The list is loaded by those who keep the reference data of NCTS; here
/// only its form is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Functionality(char);

impl Functionality {
    /// Reads a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let mut letters = code.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_ascii_alphabetic() => Some(Self(letter)),
            _ => None,
        }
    }

    /// Its letter.
    #[must_use]
    pub const fn letter(self) -> char {
        self.0
    }
}

impl TryFrom<String> for Functionality {
    type Error = &'static str;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::parse(&code).ok_or("a functionality (CL168) is one letter, A to Z or a to z")
    }
}

impl From<Functionality> for String {
    fn from(functionality: Functionality) -> Self {
        functionality.0.to_string()
    }
}

impl utoipa::PartialSchema for Functionality {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A business functionality of NCTS by its code (CL168)."))
            .pattern(Some("^[A-Za-z]$"))
            .examples([serde_json::json!("A")])
            .into()
    }
}

impl ToSchema for Functionality {}

words!(
    /// Whose systems are unavailable.
    OutageLevel {
        /// Ukraine's own: DG TAXUD is told of it.
        National = "national",
        /// The central systems of the EU: DG TAXUD knows.
        Central = "central",
        /// A neighbour's: it has told DG TAXUD itself.
        Neighbour = "neighbour",
    }
);

words!(
    /// In which direction an outage is felt at the border.
    OutageDirection {
        /// In both.
        Both = "both",
        /// On the way into Ukraine.
        IntoUkraine = "into_ukraine",
        /// On the way out of Ukraine.
        OutOfUkraine = "out_of_ukraine",
    }
);

/// Whose outage it is, and where it is felt. It stays as it was declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutageScope {
    /// Whose systems are unavailable.
    pub level: OutageLevel,
    /// Which neighbour's: for `neighbour`, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Z]{2}$", example = "PL")]
    pub country: Option<String>,
    /// In which direction it is felt.
    pub direction: OutageDirection,
}

impl Default for OutageScope {
    fn default() -> Self {
        Self { level: OutageLevel::National, country: None, direction: OutageDirection::Both }
    }
}

impl OutageScope {
    /// Whether it is as most are: Ukraine's own, in both directions. Then it is not written.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// An outage, as the first line declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "planned",
    "affected_systems": ["ets"],
    "starts_at": "2026-11-28T18:00:00Z",
    "expected_end_at": "2026-11-28T22:00:00Z",
    "fallback_allowed": true,
    "text": {"uk": "Оновлення серверів ЕТС.", "en": "Upgrade of the ETS servers."}
}))]
pub struct OutageDeclaration {
    /// Planned or unplanned. It can't be changed later: DG TAXUD keeps the two apart.
    pub kind: OutageKind,
    /// What is unavailable: at least one system, each named once.
    #[schema(min_items = 1, max_items = 4)]
    pub affected_systems: Vec<AffectedSystem>,
    /// Which business functionalities of NCTS are unavailable, by their codes (CL168), each named once. DG TAXUD is told of these. Left out:
    /// all that the systems serve; DG TAXUD is told the functionality that is set for each system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 52)]
    pub functionalities: Vec<Functionality>,
    /// When the outage begins or began, kept to the second. A planned window may lie up to a year ahead; an
    /// unplanned outage has begun. Neither may have begun more than 7 days ago.
    #[serde(deserialize_with = "crate::instant::read")]
    pub starts_at: DateTime<Utc>,
    /// When it is expected to be over, kept to the second. Required for a planned window, an estimate for an
    /// unplanned outage. It lies ahead: an end in the past is a recovery.
    #[serde(
        default,
        deserialize_with = "crate::instant::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub expected_end_at: Option<DateTime<Utc>>,
    /// Whether transit may run on paper meanwhile (the Fallback flag of CD070C).
    pub fallback_allowed: bool,
    /// What is told to people. DG TAXUD is sent the beginning of the English text, at most 512 bytes.
    pub text: Bilingual,
    /// Whose outage it is, and where it is felt. Left out: Ukraine's own, in both directions.
    #[serde(default, skip_serializing_if = "OutageScope::is_usual")]
    #[schema(required = false)]
    pub scope: OutageScope,
    /// Until when the text to the press office waits for a person, who may change it or let it go; at that moment it goes as it
    /// stands. Only for planned work, and not after its start. Left out: it goes at once.
    #[serde(
        default,
        deserialize_with = "crate::instant::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub press_review_until: Option<DateTime<Utc>>,
}

/// A field of a change that may be left out, set to `null`, or given a value, which are three different wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(untagged)]
pub enum Change<T> {
    /// Left out: the value stays as it is.
    #[default]
    Keep,
    /// `null`: the value is taken away.
    Clear,
    /// The new value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the field was left out.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The value that holds after the change.
    pub fn over(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// What changes about an outage: the fields named change, all others stay. Recovery and withdrawal are changes
/// too.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"recovered_at": "2026-11-28T21:40:00Z"}))]
pub struct OutageChanges {
    /// The new start of a planned window that has not begun.
    #[serde(default, deserialize_with = "given_instant", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DateTime<Utc>, required = false)]
    pub starts_at: Option<DateTime<Utc>>,
    /// The new expected end; `null` withdraws the estimate of an unplanned outage.
    #[serde(default, deserialize_with = "changed_instant", skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<DateTime<Utc>>, required = false)]
    pub expected_end_at: Change<DateTime<Utc>>,
    /// What is unavailable from now on.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<AffectedSystem>, required = false, min_items = 1, max_items = 4)]
    pub affected_systems: Option<Vec<AffectedSystem>>,
    /// Which functionalities are unavailable from now on; an empty list: all that the systems serve.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Functionality>, required = false, max_items = 52)]
    pub functionalities: Option<Vec<Functionality>>,
    /// Whether transit may run on paper from now on.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub fallback_allowed: Option<bool>,
    /// The new text for people.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Bilingual, required = false)]
    pub text: Option<Bilingual>,
    /// When the work of a planned window really began, if that was not as planned.
    #[serde(default, deserialize_with = "given_instant", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DateTime<Utc>, required = false)]
    pub began_at: Option<DateTime<Utc>>,
    /// When the systems were available again. It ends the outage.
    #[serde(default, deserialize_with = "given_instant", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DateTime<Utc>, required = false)]
    pub recovered_at: Option<DateTime<Utc>>,
    /// `true` withdraws the outage: a planned window that will not take place, or a false alarm.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub cancelled: Option<bool>,
    /// Until when the text of this change to the press office waits for a person. Only for planned work that has not begun.
    #[serde(default, deserialize_with = "given_instant", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DateTime<Utc>, required = false)]
    pub press_review_until: Option<DateTime<Utc>>,
}

/// Reads a field that may be left out but not `null`: a `null` that means nothing is told, not ignored.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// As [`given`], for an instant.
fn given_instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    crate::instant::read(deserializer).map(Some)
}

/// A change of an instant that `null` takes away.
fn changed_instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Change<DateTime<Utc>>, D::Error> {
    Ok(crate::instant::read_optional(deserializer)?.map_or(Change::Clear, Change::Set))
}

/// Where an outage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutageState {
    /// A planned window that has not begun.
    Scheduled,
    /// The systems are unavailable. A planned window runs from its start until its recovery is recorded.
    Running,
    /// The systems are available again.
    Recovered,
    /// Withdrawn: the window did not take place, or the alarm was false.
    Cancelled,
}

/// An outage, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "019a9d2e-7c00-7000-8000-000000000001",
    "version": 2,
    "kind": "planned",
    "state": "recovered",
    "affected_systems": ["ets"],
    "starts_at": "2026-11-28T18:00:00Z",
    "expected_end_at": "2026-11-28T22:00:00Z",
    "overdue": false,
    "recovered_at": "2026-11-28T21:40:00Z",
    "cancelled_at": null,
    "fallback_allowed": true,
    "text": {"uk": "Оновлення серверів ЕТС.", "en": "Upgrade of the ETS servers."},
    "declared_at": "2026-11-20T07:05:00Z",
    "changed_at": "2026-11-28T21:41:12Z"
}))]
pub struct Outage {
    /// The outage's own id (UUIDv7).
    pub id: Uuid,
    /// Counts the changes, from 1. It is the `ETag` of the outage.
    #[schema(minimum = 1)]
    pub version: i32,
    /// Planned or unplanned.
    pub kind: OutageKind,
    /// Where the outage stands at the time of the answer.
    pub state: OutageState,
    /// What is unavailable, in the order of the list of systems.
    #[schema(min_items = 1, max_items = 4)]
    pub affected_systems: Vec<AffectedSystem>,
    /// Which business functionalities of NCTS are unavailable (CL168). Left out: all that the systems serve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 52)]
    pub functionalities: Vec<Functionality>,
    /// Whose outage it is, and where it is felt. Left out: Ukraine's own, in both directions.
    #[serde(default, skip_serializing_if = "OutageScope::is_usual")]
    #[schema(required = false)]
    pub scope: OutageScope,
    /// When it begins or began; of a planned window as planned.
    pub starts_at: DateTime<Utc>,
    /// When a planned window really began. Left out: as planned, or nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_at: Option<DateTime<Utc>>,
    /// When it is expected to be over; `null` when nobody knows.
    pub expected_end_at: Option<DateTime<Utc>>,
    /// Whether it runs beyond its expected end.
    pub overdue: bool,
    /// By how many seconds a planned window ran beyond its expected end, or runs beyond it at the time of the answer. Left out: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, minimum = 1)]
    pub overran_seconds: Option<i64>,
    /// When the systems were available again.
    pub recovered_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Whether transit may run on paper meanwhile.
    pub fallback_allowed: bool,
    /// What is told to people.
    pub text: Bilingual,
    /// When the hub recorded the declaration.
    pub declared_at: DateTime<Utc>,
    /// When the hub recorded the latest change.
    pub changed_at: DateTime<Utc>,
}

/// A page of outages, the latest declared first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutagePage {
    /// The outages of this page.
    pub items: Vec<Outage>,
    /// Give it as `after` to get the next page; `null` on the last one.
    pub next: Option<Uuid>,
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn a_change_tells_absent_from_null_from_a_value() {
        let read = |body| from_value::<OutageChanges>(body).unwrap().expected_end_at;
        assert_eq!(read(json!({})), Change::Keep);
        assert_eq!(read(json!({"expected_end_at": null})), Change::Clear);
        assert_eq!(
            read(json!({"expected_end_at": "2026-11-28T22:00:00Z"})),
            Change::Set("2026-11-28T22:00:00Z".parse().unwrap())
        );
    }

    #[test]
    fn a_null_that_means_nothing_is_refused() {
        for field in [
            "starts_at",
            "began_at",
            "affected_systems",
            "functionalities",
            "fallback_allowed",
            "text",
            "recovered_at",
            "cancelled",
        ] {
            assert!(from_value::<OutageChanges>(json!({ field: null })).is_err(), "{field}");
        }
    }

    #[test]
    fn an_unknown_field_is_refused_wherever_it_stands() {
        let mut body = declaration();
        body["severity"] = json!("high");
        assert!(from_value::<OutageDeclaration>(body).is_err());
        let mut body = declaration();
        body["text"]["pl"] = json!("Awaria");
        assert!(from_value::<OutageDeclaration>(body).is_err());
        assert!(from_value::<OutageChanges>(json!({"recoverd_at": "2026-11-28T22:00:00Z"})).is_err());
    }

    #[test]
    fn a_change_is_written_as_it_is_read() {
        for body in [json!({}), json!({"expected_end_at": null}), json!({"cancelled": true})] {
            assert_eq!(to_value(from_value::<OutageChanges>(body.clone()).unwrap()).unwrap(), body);
        }
    }

    fn declaration() -> serde_json::Value {
        json!({
            "kind": "unplanned",
            "affected_systems": ["ets", "declarant_link"],
            "starts_at": "2026-11-28T18:00:00+02:00",
            "fallback_allowed": false,
            "text": {"uk": "Збій", "en": "Failure"}
        })
    }
}
