//! The rows of tickets and of what was done with them, and what they say.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use kordon_schemas::support::{ExtensionGround, Line, Priority, TicketStatus};
use kordon_schemas::tickets::{
    Recording, TellingOf, TicketActKind, TicketChannel, TicketKind, TicketOfficial,
};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::parties::SystemId;
use crate::support::statuses::TicketStanding;
use crate::support::tickets::model::{Act, Deed, Ticket, TicketId};

#[derive(QueryableByName)]
pub(super) struct TicketRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    registration_number: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    line: String,
    #[diesel(sql_type = Text)]
    priority: String,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    registered_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    taken_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    assign_by: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    closes_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    user_wrote_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    user_last_wrote_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    handling_version: i32,
    #[diesel(sql_type = SqlUuid)]
    filed_by: Uuid,
    #[diesel(sql_type = Jsonb)]
    contact: serde_json::Value,
    #[diesel(sql_type = Text)]
    substance: String,
    #[diesel(sql_type = Nullable<Text>)]
    recording_reference: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    recording_kept_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Jsonb)]
    people: serde_json::Value,
    #[diesel(sql_type = Binary)]
    content_digest: Vec<u8>,
}

impl TicketRow {
    pub(super) fn read(self) -> Result<(Ticket, Vec<u8>)> {
        let standing = standing(&self.status, &self.line, &self.priority)?;
        let recording = self.recording_reference.zip(self.recording_kept_until);
        let ticket = Ticket {
            id: TicketId(self.id),
            version: self.version,
            registration_number: self.registration_number,
            kind: word(&self.kind, TicketKind::from_word)?,
            channel: word(&self.channel, TicketChannel::from_word)?,
            standing,
            received_at: self.received_at,
            registered_at: self.registered_at,
            taken_at: self.taken_at,
            due_at: self.due_at,
            assign_by: self.assign_by,
            closes_at: self.closes_at,
            user_wrote_at: self.user_wrote_at,
            user_last_wrote_at: self.user_last_wrote_at,
            handling_version: self.handling_version,
            filed_by: SystemId(self.filed_by),
            user: serde_json::from_value(self.contact).map_err(|_| stored_badly("contact"))?,
            substance: self.substance,
            recording: recording.map(|(reference, kept_until)| Recording { reference, kept_until }),
            people: serde_json::from_value(self.people).map_err(|_| stored_badly("people"))?,
        };
        Ok((ticket, self.content_digest))
    }
}

#[derive(QueryableByName)]
pub(super) struct ActRow {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    act: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    line: String,
    #[diesel(sql_type = Text)]
    priority: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    by_system: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    by_line: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    ground: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    extended_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    told: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    official_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    official_position: Option<String>,
}

impl ActRow {
    pub(super) fn read(self) -> Result<Act> {
        let deed =
            match (word(&self.act, TicketActKind::from_word)?, self.ground, self.extended_until, self.told) {
                (TicketActKind::Registered, None, None, None) => Deed::Registered,
                (TicketActKind::Moved, None, None, None) => Deed::Moved,
                (TicketActKind::Prioritised, None, None, None) => Deed::Prioritised,
                (TicketActKind::Answered, None, None, None) => Deed::Answered,
                (TicketActKind::Involved, None, None, None) => Deed::Involved,
                (TicketActKind::Extended, Some(ground), Some(until), None) => {
                    Deed::Extended { ground: word(&ground, ExtensionGround::from_word)?, until }
                }
                (TicketActKind::Told, None, None, Some(told)) => {
                    Deed::Told(word(&told, TellingOf::from_word)?)
                }
                (TicketActKind::Bounced, None, None, Some(told)) => {
                    Deed::Bounced(word(&told, TellingOf::from_word)?)
                }
                _ => return Err(stored_badly(&self.act)),
            };
        let official = self.official_name.zip(self.official_position);
        Ok(Act {
            number: self.number,
            at: self.at,
            deed,
            standing: standing(&self.status, &self.line, &self.priority)?,
            by: self.by_system.map(SystemId),
            by_line: self.by_line.map(|line| word(&line, Line::from_word)).transpose()?,
            reason: self.reason,
            official: official.map(|(name, position)| TicketOfficial { name, position }),
        })
    }
}

pub(super) fn standing(status: &str, line: &str, priority: &str) -> Result<TicketStanding> {
    Ok(TicketStanding {
        status: word(status, TicketStatus::from_word)?,
        line: word(line, Line::from_word)?,
        priority: word(priority, Priority::from_word)?,
    })
}

pub(super) fn word<T>(word: &str, read: impl Fn(&str) -> Option<T>) -> Result<T> {
    read(word).ok_or_else(|| stored_badly(word))
}

pub(super) fn stored_badly(what: &str) -> Error {
    Error::stored_badly("a ticket", what)
}
