//! The first line's part in the day: ETS fails, takes longer than hoped, and recovers.

use anyhow::Context;
use kordon_hub::parties::Role;
use kordon_schemas::outages::{Outage, OutageState};
use serde_json::{Value, json};

use super::client::{Reply, Request};
use super::wire::Body;
use super::{Play, text_of};
use crate::commands::demo::day::{DAY, HOUR, Moment, OutageAct, When};

/// Where outages are declared.
const OUTAGES: &str = "/api/v1/outages";

/// How long before the round of its declaration the outage began.
const NOTICED_AFTER: i64 = 600;

impl Play {
    /// Does the first line's next act about the outage, which it comes to in `round`.
    pub(crate) async fn tell_of_the_outage(&self, round: usize, act: OutageAct) -> anyhow::Result<()> {
        let hour = HOUR * i64::try_from(round)?;
        let (request, status, state, version) = match act {
            OutageAct::Declare => (self.declaration(hour), 201, OutageState::Running, 1),
            OutageAct::DeclareAgain => (self.declaration(hour), 200, OutageState::Running, 1),
            OutageAct::Change => {
                let change = json!({
                    "expected_end_at": self.text_at(DAY + 3 * HOUR),
                    "fallback_allowed": true,
                    "text": {
                        "uk": "ЕТС недоступна довше, ніж очікувалося. Дозволено паперові декларації.",
                        "en": "ETS is unavailable for longer than expected. Paper declarations are allowed."
                    },
                });
                (self.change(&change)?, 200, OutageState::Running, 2)
            }
            OutageAct::Recover => {
                let change = json!({"recovered_at": self.text_at(hour)});
                (self.change(&change)?, 200, OutageState::Recovered, 3)
            }
        };
        let reply = self.send(request).await?;
        let outage: Outage = reply.json().with_context(|| format!("the outage ({act:?})"))?;
        if reply.status != status || outage.state != state || outage.version != version {
            self.disagree(format!(
                "the outage ({act:?}) was answered {}, not {status}: {outage:?}",
                reply.status
            ));
        }
        self.remember(&outage, reply);
        Ok(())
    }

    fn remember(&self, outage: &Outage, reply: Reply) {
        let mut memory = self.memory();
        if let Some((known, _)) = &memory.outage
            && *known != outage.id
        {
            let text = format!("the outage {known} was answered as {}", outage.id);
            memory.disagreements.push(text);
        }
        memory.outage = Some((outage.id, reply.tag.unwrap_or_default()));
    }

    fn declaration(&self, hour: i64) -> Request {
        // Two demonstrations may begin in the same second; their outages are not to be twins.
        let began = hour - NOTICED_AFTER - i64::from(self.day_began.timestamp_subsec_millis());
        let body = json!({
            "kind": "unplanned",
            "affected_systems": ["ets"],
            "starts_at": self.text_at(began),
            "expected_end_at": self.text_at(DAY + 2 * HOUR),
            "fallback_allowed": false,
            "text": {"uk": "ЕТС недоступна, причину з’ясовують.", "en": "ETS is unavailable; the cause is being found."},
        });
        Request::post(Role::SupportLine1, OUTAGES, Body::json(&body))
            .with("Idempotency-Key", format!("{}-outage", self.script.label))
    }

    fn change(&self, change: &Value) -> anyhow::Result<Request> {
        let (_, tag) = self.memory().outage.clone().context("no outage is declared")?;
        Ok(self.change_of_no_version(change)?.with("If-Match", tag))
    }

    /// A change of the outage that does not say which version it is meant for.
    pub(crate) fn change_of_no_version(&self, change: &Value) -> anyhow::Result<Request> {
        let (id, _) = self.memory().outage.clone().context("no outage is declared")?;
        Ok(Request::patch(Role::SupportLine1, format!("{OUTAGES}/{id}"), Body::json(change)))
    }

    /// A change of the outage as it stands.
    pub(crate) fn late_change(&self) -> anyhow::Result<Request> {
        self.change(&json!({"fallback_allowed": false}))
    }

    fn text_at(&self, seconds: i64) -> Option<String> {
        self.instant(When::OfDay(Moment(seconds)), None).map(text_of)
    }
}
