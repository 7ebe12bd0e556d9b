//! What the fetching of mail (Order 926, section III, clause 7) tells Prometheus: that it looks, and what
//! stays in an inbox. A mailbox that nobody reads is users to whom nobody answers.

use chrono::{DateTime, Utc};
use prometheus::{GaugeVec, IntCounterVec, IntGaugeVec, Opts, Registry};

/// The counters of one replica's poller. A mailbox is named by the address of the support service, never by a
/// user's.
#[derive(Debug, Clone)]
pub struct MailboxMetrics {
    looks: IntCounterVec,
    recorded: IntCounterVec,
    set_aside: IntGaugeVec,
    last_look: GaugeVec,
}

/// How a look into a mailbox ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookOutcome {
    /// All that it could be given was recorded or set aside.
    Done,
    /// The mailbox, the database or the time went away.
    Failed,
}

impl LookOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

impl MailboxMetrics {
    /// Adds the counters to `registry`, those of each of `mailboxes` with 0.
    ///
    /// # Errors
    /// When they are in it already.
    pub fn register<'m>(
        registry: &Registry,
        mailboxes: impl IntoIterator<Item = &'m str>,
    ) -> Result<Self, prometheus::Error> {
        let looks = IntCounterVec::new(
            Opts::new("kordon_mailbox_looks_total", "Looks into a mailbox, by mailbox and outcome."),
            &["mailbox", "outcome"],
        )?;
        let recorded = IntCounterVec::new(
            Opts::new("kordon_mails_recorded_total", "Mails that were fetched and recorded, by mailbox."),
            &["mailbox"],
        )?;
        let set_aside = IntGaugeVec::new(
            Opts::new(
                "kordon_mails_set_aside",
                "Mails that stay in an inbox because they could not be fetched or recorded, by mailbox.",
            ),
            &["mailbox"],
        )?;
        let last_look = GaugeVec::new(
            Opts::new(
                "kordon_mailbox_last_look_timestamp_seconds",
                "When a look into a mailbox last ended well, in seconds since 1970; 0 before the first.",
            ),
            &["mailbox"],
        )?;
        registry.register(Box::new(looks.clone()))?;
        registry.register(Box::new(recorded.clone()))?;
        registry.register(Box::new(set_aside.clone()))?;
        registry.register(Box::new(last_look.clone()))?;
        for mailbox in mailboxes {
            for outcome in [LookOutcome::Done, LookOutcome::Failed] {
                looks.with_label_values(&[mailbox, outcome.as_str()]);
            }
            recorded.with_label_values(&[mailbox]);
            set_aside.with_label_values(&[mailbox]);
            last_look.with_label_values(&[mailbox]);
        }
        Ok(Self { looks, recorded, set_aside, last_look })
    }

    /// Counts a mail that was recorded.
    pub(super) fn recorded(&self, mailbox: &str) {
        self.recorded.with_label_values(&[mailbox]).inc();
    }

    /// Counts a look that ended at `now` and left `set_aside` mails in the inbox.
    pub(super) fn looked(&self, mailbox: &str, outcome: LookOutcome, set_aside: usize, now: DateTime<Utc>) {
        self.looks.with_label_values(&[mailbox, outcome.as_str()]).inc();
        let set_aside = i64::try_from(set_aside).unwrap_or(i64::MAX);
        self.set_aside.with_label_values(&[mailbox]).set(set_aside);
        match outcome {
            // A double holds the milliseconds since 1970 exactly.
            LookOutcome::Done => {
                let at = now.timestamp_millis() as f64 / 1_000.0;
                self.last_look.with_label_values(&[mailbox]).set(at);
            }
            LookOutcome::Failed => {}
        }
    }
}
