//! Line 1 declares the outage, and says when it is over; DG TAXUD, the press office and the queue hear of it
//! (H3.16, H3.17).

use chrono_tz::Europe::Kyiv;
use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use serde_json::{Value, json};

use super::messages::{self, PRESS_OFFICE, TAXUD, cd070c};
use super::stage::{Stage, items, member, text};
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::wire::Body;

/// An outage: its id.
#[derive(Debug, Clone)]
pub(super) struct Outage(pub(super) String);

impl Outage {
    pub(super) fn path(&self) -> String {
        format!("/api/v1/outages/{}", self.0)
    }
}

fn declaration() -> Value {
    json!({
        "kind": "unplanned", "affected_systems": ["ets"], "starts_at": super::BEGINS, "fallback_allowed": false,
        "text": {"uk": "ЕТС недоступна. Причину з’ясовують.", "en": "ETS is unavailable. The cause is being looked into."}
    })
}

/// Line 1 declares the outage. The press office publishes it.
pub(super) async fn declare(stage: &mut Stage<'_>) -> anyhow::Result<Outage> {
    stage.at("2026-11-23T08:25:00Z")?;
    let declared = stage.post(Role::SupportLine1, "/api/v1/outages", &declaration()).await?;
    let outage = Outage(text(&declared, "/id"));
    stage.step("line 1 declares the outage of ETS", text(&declared, "/state"));
    stage.compare("the outage", "running", text(&declared, "/state"));
    let again = Request::post(Role::SupportLine1, "/api/v1/outages", Body::json(&declaration()));
    stage.refused("the same outage again", again, ProblemCode::OutageTwin, "").await?;
    told_to_taxud(stage, 1, "C U 2026-11-23T07:40:00 to - fallback 0").await?;
    let mail = messages::mail_to(stage, PRESS_OFFICE, 1, "ETS is unavailable.").await?;
    let subject = mail.map_or_else(|| "nothing".to_owned(), |mail| mail.subject);
    stage.step("the press office gets a mail", &subject);
    stage.compare(
        "  the press office reads",
        "Позапланова недоступність: ЕТС / Unplanned outage: ETS",
        &subject,
    );
    publish(stage).await?;
    stage.at("2026-11-23T08:27:00Z")?;
    let queue = stage.read(Role::BorderGuard, "/api/v1/checkpoints/UA209030/queue").await?;
    let named = items(&queue, "/outages").iter().filter(|known| text(known, "/outage") == outage.0).count();
    stage.step("the queue of a checkpoint says why it waits", format_args!("{named} outage"));
    stage.compare("outages that a queue names", 1, named);
    Ok(outage)
}

/// What was published of the first notice, where and when, is recorded.
async fn publish(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let feed = stage.read(Role::PressOffice, "/api/v1/notices?after=0").await?;
    let published = json!({
        "place": "portal", "address": "https://customs.example/news/1542", "title": "ЕТС недоступна",
        "published_at": "2026-11-23T08:24:30Z"
    });
    let address = format!("/api/v1/notices/{}/publications", text(&feed, "/items/0/id"));
    let notice = stage.post(Role::PressOffice, &address, &published).await?;
    let found = text(&notice, "/publications/0/address");
    stage.step("the press office records what it published", &found);
    stage.compare("  what was published, and where", "https://customs.example/news/1542", found);
    Ok(())
}

/// The last of so many CD070C, as DG TAXUD reads it.
pub(super) async fn told_to_taxud(stage: &mut Stage<'_>, count: usize, played: &str) -> anyhow::Result<()> {
    let files = messages::wait_for(stage, TAXUD, count).await?;
    let found = match files.last() {
        Some(last) if files.len() == count => cd070c(last)?,
        Some(_) | None => format!("{} messages", files.len()),
    };
    stage.step("DG TAXUD gets a CD070C", &found);
    stage.compare(&format!("CD070C no. {count}"), played, found);
    Ok(())
}

/// ETS works again: line 1 says so once, and not twice.
pub(super) async fn recover(stage: &mut Stage<'_>, outage: &Outage) -> anyhow::Result<()> {
    stage.at("2026-11-24T11:00:00Z")?;
    let version = member(&stage.read(Role::SupportLine1, &outage.path()).await?, "/version");
    let recovery = json!({
        "recovered_at": "2026-11-24T10:50:00Z",
        "text": {"uk": "Роботу ЕТС поновлено.", "en": "ETS works again."}
    });
    let recovered = stage.patch(Role::SupportLine1, &outage.path(), &version, &recovery).await?;
    let since = member(&recovered, "/recovered_at");
    let since = since.as_str().and_then(|at| at.parse::<chrono::DateTime<chrono::Utc>>().ok());
    let since =
        since.map_or_else(|| "-".to_owned(), |at| at.with_timezone(&Kyiv).format("%H:%M").to_string());
    stage.step(
        "line 1 says that ETS works again",
        format_args!("{} since {since}", text(&recovered, "/state")),
    );
    stage.compare("the outage at its end", "recovered", text(&recovered, "/state"));
    let version = member(&recovered, "/version");
    let again = Request::patch(Role::SupportLine1, outage.path(), Body::json(&recovery));
    let again = again.with("If-Match", format!("\"{version}\""));
    stage.refused("  recovered a second time", again, ProblemCode::OutageOver, "").await?;
    told_to_taxud(stage, 4, "U U 2026-11-23T07:40:00 to 2026-11-24T10:50:00 fallback 0").await
}
