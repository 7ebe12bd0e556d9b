//! The end: the office's last report, the answers to those who asked, the ten days, and what stands in the
//! figures (H3.9, H3.14, H3.15).

use chrono::{DateTime, Utc};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::messages::{self, LETTERS};
use super::permit::{Permit, PermitRequest};
use super::stage::{Looked, Stage, Ticket, items, member, official, text};

/// The office reports the last use: the permit is over, and its ticket with it (H4.8).
pub(super) async fn report(
    stage: &mut Stage<'_>,
    request: &PermitRequest,
    permit: &Permit,
) -> anyhow::Result<()> {
    stage.at("2026-11-24T11:30:00Z")?;
    let last = json!({"uses": [{"registration_number": "UA209030/2026/000019", "released_on": "2026-11-24"}], "complete": true});
    let reported = stage.post(Role::DepartureOffice, &permit.path("reports"), &last).await?;
    stage.step("the office reports its last use", text(&reported, "/permit/state"));
    stage.compare("the permit when all is reported", "closed", text(&reported, "/permit/state"));
    stage.compare("  its ticket", "closed with line_1", stage.stands(&request.ticket).await?);
    stage.compare("  in time", "met", stage.clock(&request.ticket, "ticket").await?);
    Ok(())
}

/// Line 2 resolves the trader's ticket, line 1 the broker's; line 1 answers both, the broker by mail with a
/// link to an article.
pub(super) async fn answer(stage: &mut Stage<'_>, called: &Ticket, consulted: &Ticket) -> anyhow::Result<()> {
    stage.at("2026-11-24T11:40:00Z")?;
    let (line_1, line_2) = (Role::SupportLine1, Role::SupportLine2);
    stage.with_ticket(line_2, called, "moves", &json!({"to": "in_progress", "line": "line_2"})).await?;
    let solved = json!({"to": "resolved", "reason": "Виправлено програмне забезпечення ЕТС."});
    stage.with_ticket(line_2, called, "moves", &solved).await?;
    let clock = stage.clock(called, "ticket").await?;
    stage.step("line 2 resolves the trader's ticket", format_args!("its clock is {clock}"));
    stage.compare("the trader's ticket, resolved in time", "met", clock);
    let told = json!({"kind": "result", "text": "Роботу ЕТС поновлено о 12:50, декларації приймаються."});
    let answered = stage.with_ticket(line_1, called, "answers", &told).await?;
    let closes = text(&answered, "/ticket/closes_at");
    stage.step("line 1 answers by telephone", format_args!("it closes at {closes}"));
    stage.compare("  it closes by itself at", "2026-12-04T11:40:00Z", closes);

    let article = publish(stage).await?;
    let take = json!({"to": "in_progress", "official": official()});
    stage.with_ticket(line_1, consulted, "moves", &take).await?;
    let known = json!({"to": "resolved", "reason": "Є стаття."});
    stage.with_ticket(line_1, consulted, "moves", &known).await?;
    let told = json!({"kind": "result", "text": "Відкличте її та подайте паперову.", "article": article});
    stage.with_ticket(line_1, consulted, "answers", &told).await?;
    let letter = messages::mail_to(stage, LETTERS, 3, "Питання і відповіді").await?;
    let to = letter.map_or_else(|| "nobody".to_owned(), |letter| letter.to);
    stage.step("line 1 answers the broker by mail, with a link", &to);
    stage.compare("the answer with its article goes to", "broker@example.org", to);
    let told = stage
        .until(async |stage| Ok(!member(&stage.ticket(consulted).await?, "/closes_at").is_null()))
        .await?;
    stage.compare("  the ten days count once the letter is taken", true, told);
    Ok(())
}

async fn publish(stage: &Stage<'_>) -> anyhow::Result<Value> {
    let article = json!({
        "title": {"uk": "Декларація подана до збою. Що робити?", "en": "A declaration was lodged before a failure. What now?"},
        "text": {"uk": "Відкликати її та подати паперову за дозволом.", "en": "Withdraw it and lodge one on paper under a permit."}
    });
    let written = stage.post(Role::SupportLine1, "/api/v1/articles", &article).await?;
    let address = format!("/api/v1/articles/{}/publication", text(&written, "/id"));
    stage.post_at(Role::SupportLine1, &address, &member(&written, "/version"), &json!({})).await?;
    Ok(member(&written, "/id"))
}

/// Nobody objects: ten days after the telling the timer closes both.
pub(super) async fn close(stage: &mut Stage<'_>, called: &Ticket, consulted: &Ticket) -> anyhow::Result<()> {
    stage.at("2026-12-04T11:39:59Z")?;
    stage.compare("the timers before the ten days are over", Looked::default(), stage.timers().await?);
    stage.at("2026-12-04T11:45:00Z")?;
    let looked = stage.timers().await?;
    stage.step("ten days later the timers look", looked);
    stage.compare("  when they are over", Looked { closed: 2, ..Looked::default() }, looked);
    stage.compare("the trader's ticket", "closed with line_1", stage.stands(called).await?);
    stage.compare("the broker's ticket", "closed with line_1", stage.stands(consulted).await?);
    Ok(())
}

/// Nothing is left to do, the figures count what was played, and the feed tells it in order.
pub(super) async fn look_back(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let control = stage.read(Role::SupportLine1, "/api/v1/daily-control").await?;
    let left: i64 = items(&control, "/lists").iter().filter_map(|list| member(list, "/count").as_i64()).sum();
    stage.compare("left on the lists of the daily control", 0, left);
    let address = "/api/v1/ticket-figures?from=2026-11-23&to=2026-12-04";
    let figures = items(&stage.read(Role::SupportLine1, address).await?, "/items");
    let sum = |what: &str| figures.iter().filter_map(|row| member(row, what).as_i64()).sum::<i64>();
    let counted = format!("{} {} {}", sum("/registered"), sum("/closed"), sum("/in_time"));
    stage.step("the figures of the fortnight: registered, closed, in time", &counted);
    stage.compare("figures: registered, closed, in time", "3 3 3", counted);
    let feed = stage.read(Role::Police, "/api/v1/notices?after=0").await?;
    let kinds = |of: &str| -> String {
        let of_it = items(&feed, "/items").into_iter().filter(|notice| text(notice, of) != "-");
        of_it.map(|notice| text(&notice, "/kind")).collect::<Vec<_>>().join(" ")
    };
    stage.compare("the feed of the outage", "declared changed changed recovered", kinds("/outage_id"));
    let played = "permit_issued permit_expiring permit_expired";
    stage.compare("the feed of the permit", played, kinds("/permit_request_id"));
    let files = messages::files(&stage.folder(LETTERS));
    stage.compare("letters to users", 3, files.len());
    let now = member(&control, "/at").as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    stage.step(
        "the end",
        now.map_or_else(
            || "-".to_owned(),
            |at| format!("daily control at {}: {left} left", at.format("%d.%m.%Y")),
        ),
    );
    Ok(())
}
