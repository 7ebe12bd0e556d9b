//! What comes by mail: an addition to the call, an automatic answer, a consultation that first lacks its
//! contact data (H2.2, H3.7).

use serde_json::Value;

use super::call::TRADER;
use super::messages::{self, LETTERS};
use super::stage::{Stage, Ticket, items, text};

/// A mail to the support service.
fn written(from: &str, id: &str, head: &str, body: &str) -> String {
    format!(
        "From: {from}\r\nTo: support@kordon.invalid\r\nMessage-ID: <{id}@example.com>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n{head}\r\n{body}\r\n"
    )
}

fn outcome(message: &Value) -> String {
    let because = text(message, "/ignored_because");
    let because = if because == "-" { String::new() } else { format!(" ({because})") };
    format!("{}{because}", text(message, "/outcome"))
}

/// The trader adds to the call by mail, with the ticket's number in the subject; a machine answers, too, and
/// opens nothing.
pub(super) async fn add_to_the_call(stage: &mut Stage<'_>, ticket: &Ticket) -> anyhow::Result<()> {
    stage.at("2026-11-23T08:05:00Z")?;
    let subject = "Subject: [2026-000001] LRN\r\n";
    let added = stage.hand_in(&written(TRADER, "1", subject, "LRN 2026KB0017.")).await?;
    let to = if text(&added, "/ticket") == ticket.0 { "the ticket" } else { "another" };
    stage.step("the trader adds to it by mail", format_args!("{} to {to}", outcome(&added)));
    stage.compare(
        "a mail with the ticket's number",
        "reply to the ticket",
        format!("{} to {to}", outcome(&added)),
    );
    let waits = text(&stage.ticket(ticket).await?, "/user_wrote_at");
    stage.compare("  it waits for line 1 since", "2026-11-23T08:05:00Z", waits);
    let head = format!("{subject}Auto-Submitted: auto-replied\r\n");
    let automatic = stage.hand_in(&written(TRADER, "2", &head, "Я у відпустці.")).await?;
    stage.step("an automatic answer comes", outcome(&automatic));
    stage.compare("an automatic answer", "ignored (automatic)", outcome(&automatic));
    Ok(())
}

/// A broker asks by mail, is told what is missing, and completes it by answering that letter: the ticket
/// counts from the first mail.
pub(super) async fn consult(stage: &mut Stage<'_>) -> anyhow::Result<Ticket> {
    stage.at("2026-11-23T08:32:00Z")?;
    let asked = "Subject: Консультація\r\n";
    let broker = "Broker <broker@example.org>";
    let first =
        stage.hand_in(&written(broker, "3", asked, "Що робити з декларацією, поданою до збою?")).await?;
    let missing: Vec<String> = items(&first, "/missing").iter().map(|fault| text(fault, "/path")).collect();
    let missing = format!("{} {}", outcome(&first), missing.join(" "));
    stage.step("a broker asks by mail", &missing);
    stage.compare("a mail without contact data", "incomplete /user/name /user/edrpou", &missing);
    let letter = messages::mail_to(stage, LETTERS, 1, "ЄДРПОУ").await?;
    let (told, answered) = letter.map_or(("nobody".into(), String::new()), |letter| (letter.to, letter.id));
    stage.compare("  who is told what is missing", "broker@example.org", told);
    stage.at("2026-11-23T08:36:00Z")?;
    let head = format!("Subject: Re: Консультація\r\nIn-Reply-To: <{answered}>\r\n");
    let data = "ЄДРПОУ: 43115923\r\nНазва: ТОВ «Брокер»";
    let second = stage.hand_in(&written(broker, "4", &head, data)).await?;
    stage.step("the broker answers with them", outcome(&second));
    stage.compare("the broker's answer", "registered", outcome(&second));
    let ticket = Ticket(text(&second, "/ticket"));
    let whole = stage.ticket(&ticket).await?;
    let found = format!(
        "{} {}, received {}",
        text(&whole, "/registration_number"),
        text(&whole, "/kind"),
        text(&whole, "/received_at")
    );
    stage.compare("  the ticket", "2026-000002 consultation, received 2026-11-23T08:32:00Z", found);
    let letter = messages::mail_to(stage, LETTERS, 2, "2026-000002").await?;
    let told = letter.map_or("nobody".into(), |letter| letter.to);
    stage.step("the hub tells the number", &told);
    stage.compare("  who is told its number", "broker@example.org", told);
    Ok(ticket)
}
