//! When a message was signed, and whether that is now.

use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::Node;

use super::WSU;
use super::refusal::{Reason, Refusal};
use crate::trembita::xml::{elements, text_of};

/// How far from now a message may have been created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How long it is taken after that.
    pub age: TimeDelta,
    /// How far the sender's clock may go before the hub's, or behind it.
    pub skew: TimeDelta,
}

impl Default for Window {
    /// Five minutes, and one for the clocks.
    fn default() -> Self {
        Self { age: TimeDelta::minutes(5), skew: TimeDelta::minutes(1) }
    }
}

impl Window {
    /// Until when a message that was created then would be taken: so long it has to be known again.
    #[must_use]
    pub fn ends(&self, created: DateTime<Utc>) -> DateTime<Utc> {
        created + self.age + self.skew
    }

    /// Checks when a message was created and when it expires.
    ///
    /// # Errors
    /// [`Reason::Stale`] when that is not now.
    pub fn check(
        &self,
        created: DateTime<Utc>,
        expires: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let stale = |text: String| Err(Refusal::new(Reason::Stale, text));
        if created > now + self.skew {
            return stale(format!("it was created at {created}, which is yet to come: check your clock"));
        }
        if now > self.ends(created) {
            return stale(format!("it was created at {created}, more than {} s ago", self.age.num_seconds()));
        }
        match expires {
            Some(expires) if expires < created => stale("it expires before it was created".to_owned()),
            Some(expires) if now > expires + self.skew => stale(format!("it expired at {expires}")),
            Some(_) | None => Ok(()),
        }
    }
}

/// What a Timestamp says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timestamp {
    pub(super) created: DateTime<Utc>,
    pub(super) expires: Option<DateTime<Utc>>,
}

impl Timestamp {
    pub(super) fn read(timestamp: Node<'_, '_>) -> Result<Self, Refusal> {
        let (mut created, mut expires) = (None, None);
        for child in elements(timestamp) {
            let name = child.tag_name().name();
            let place = match (child.tag_name().namespace(), name) {
                (Some(WSU), "Created") => &mut created,
                (Some(WSU), "Expires") => &mut expires,
                _ => return Err(refused(format!("the Timestamp holds {name}"))),
            };
            let text = text_of(child).unwrap_or_default();
            let instant = DateTime::parse_from_rfc3339(text.trim())
                .map_err(|_| refused(format!("{name} of the Timestamp is no date-time with its zone")))?;
            if place.replace(instant.to_utc()).is_some() {
                return Err(refused(format!("{name} of the Timestamp stands twice")));
            }
        }
        let created = created.ok_or_else(|| refused("the Timestamp has no Created".to_owned()))?;
        Ok(Self { created, expires })
    }
}

fn refused(text: String) -> Refusal {
    Refusal::new(Reason::Structure, text)
}
