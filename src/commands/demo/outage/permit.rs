//! The continuity permit: asked for by the departure office, decided by line 2, told by line 1, checked,
//! used, ended by the clock (section IV of Order 926).

use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use serde_json::{Value, json};

use super::call::{EDRPOU, TRADER};
use super::messages::{self, OFFICES, PRESS_OFFICE, TRADERS};
use super::outages::{Outage, told_to_taxud};
use super::stage::{Looked, Stage, Ticket, official, text};
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::wire::Body;

/// The office's address.
const OFFICE: &str = "krakivets@example.com";

/// A request: its id and its ticket.
#[derive(Debug, Clone)]
pub(super) struct PermitRequest {
    id: String,
    pub(super) ticket: Ticket,
}

impl PermitRequest {
    fn path(&self, what: &str) -> String {
        format!("/api/v1/permit-requests/{}/{what}", self.id)
    }
}

/// A permit: its number.
#[derive(Debug, Clone)]
pub(super) struct Permit(String);

impl Permit {
    pub(super) fn number(&self) -> &str {
        &self.0
    }

    pub(super) fn path(&self, what: &str) -> String {
        format!("/api/v1/permits/{}/{what}", self.0)
    }
}

fn asked() -> Value {
    json!({
        "asks": "procedure",
        "user": {"kind": "customs_official", "unit_code": "UA209030", "position": "Інспектор", "person": "Іван Коваль", "email": OFFICE},
        "office": "UA209030",
        "trader": {"name": "ТОВ «Перевізник»", "edrpou": EDRPOU, "person": "Олена Шевченко", "email": TRADER},
        "systems": ["ets"],
        "substance": "ЕТС не приймає декларації з 09:40.",
        "began_at": super::BEGINS, "agreed_until": "2026-11-23T09:40:00Z",
        "checks": "ЕТС не відкривається на жодному робочому місці поста.", "seen_by_office": true,
        "to_withdraw": [{"kind": "mrn", "number": "26UA408050000042L4"}]
    })
}

/// The departure office asks, once for one incident; line 1 passes it on (H4.2 to H4.4).
pub(super) async fn request(stage: &mut Stage<'_>) -> anyhow::Result<PermitRequest> {
    stage.at("2026-11-23T08:40:00Z")?;
    let filed = stage.post(Role::DepartureOffice, "/api/v1/permit-requests", &asked()).await?;
    let request = PermitRequest { id: text(&filed, "/id"), ticket: Ticket(text(&filed, "/ticket")) };
    let (number, until) = (text(&filed, "/registration_number"), text(&filed, "/decide_by"));
    stage.step(
        "the departure office asks for a permit",
        format_args!("ticket {number}, to be decided by {until}"),
    );
    stage.compare("the office's request", "2026-000003", number);
    stage.compare("  line 2 decides within 4 hours, by", "2026-11-23T12:40:00Z", until);
    let priority = text(&stage.ticket(&request.ticket).await?, "/priority");
    stage.compare("  its ticket is", "critical", priority);
    let again = Request::post(Role::DepartureOffice, "/api/v1/permit-requests", Body::json(&asked()));
    stage.refused("a permit asked for twice", again, ProblemCode::PermitTwin, "").await?;
    stage.at("2026-11-23T08:45:00Z")?;
    let pass = json!({"to": "in_progress", "line": "line_2", "official": official()});
    stage.with_ticket(Role::SupportLine1, &request.ticket, "moves", &pass).await?;
    stage.step("line 1 passes it to line 2", stage.stands(&request.ticket).await?);
    stage.compare("the request's ticket", "in_progress with line_2", stage.stands(&request.ticket).await?);
    Ok(request)
}

/// Line 2 confirms the failure: there is a permit, which is not in force before both were told (H4.5, H4.7).
pub(super) async fn decide(
    stage: &mut Stage<'_>,
    request: &PermitRequest,
    outage: &Outage,
) -> anyhow::Result<()> {
    stage.at("2026-11-23T10:10:00Z")?;
    let found = json!({"outcome": "confirmed", "reason": "ЕТС не відповідає.", "outage": outage.0});
    let decided = stage.post(Role::SupportLine2, &request.path("decisions"), &found).await?;
    let number = text(&decided, "/permit/number");
    let late = text(&decided, "/decided_late");
    stage.step(
        "line 2 confirms within its 4 hours",
        format_args!("permit {number} {}", text(&decided, "/permit/state")),
    );
    stage.compare("the permit", "UA-BCP-20261123-1210-001-8", &number);
    stage.compare("  decided late", "false", late);
    stage.compare("  before it is told", "issued", text(&decided, "/permit/state"));
    let check = stage.read(Role::Customs, &Permit(number).path("check")).await?;
    stage.compare("  it holds", "false", text(&check, "/valid"));
    stage.compare("  its ticket", "in_progress with line_1", stage.stands(&request.ticket).await?);
    Ok(())
}

/// Line 1 tells the office, then the trader: from the later telling on the permit holds for 24 hours (H4.6,
/// H4.7).
pub(super) async fn tell(
    stage: &mut Stage<'_>,
    request: &PermitRequest,
    outage: &Outage,
) -> anyhow::Result<Permit> {
    stage.at("2026-11-23T10:15:00Z")?;
    let office = json!({"of": "departure_office"});
    let told = stage.post(Role::SupportLine1, &request.path("tellings"), &office).await?;
    stage.step("line 1 tells the office", text(&told, "/permit/state"));
    stage.compare("one of the two was told", "issued", text(&told, "/permit/state"));
    stage.at("2026-11-23T10:25:00Z")?;
    let told = stage.post(Role::SupportLine1, &request.path("tellings"), &json!({"of": "trader"})).await?;
    let until = text(&told, "/permit/valid_until");
    stage.step("line 1 tells the trader", format_args!("{} until {until}", text(&told, "/permit/state")));
    stage.compare("both were told", "in_force", text(&told, "/permit/state"));
    let tellings = format!("{} {}", text(&told, "/office_told_at"), text(&told, "/trader_told_at"));
    stage.compare("  the two tellings", "2026-11-23T10:15:00Z 2026-11-23T10:25:00Z", tellings);
    stage.compare("  in force until", "2026-11-24T10:25:00Z", until);
    stage.compare("  the stamp", "INITIATED ON 23.11.2026/12:25", text(&told, "/permit/stamp/lines/2"));
    stage.compare("  its ticket", "resolved with line_1", stage.stands(&request.ticket).await?);
    let flag = text(&stage.read(Role::Trader, &outage.path()).await?, "/fallback_allowed");
    stage.compare("  the outage allows the procedure", "true", flag);
    told_to_taxud(stage, 2, "U U 2026-11-23T07:40:00 to - fallback 1").await?;
    mailed(stage, 1, 1, "procedure").await?;
    Ok(Permit(text(&told, "/permit/number")))
}

/// The mails of the permit to the office, the trader and the press office, in which nobody is named.
async fn mailed(stage: &mut Stage<'_>, count: usize, to_press: usize, what: &str) -> anyhow::Result<()> {
    for (whom, folder, played) in [("the office", OFFICES, OFFICE), ("the trader", TRADERS, TRADER)] {
        let files = messages::wait_for(stage, folder, count).await?;
        let mail = files.last().map(|file| messages::mail(file)).transpose()?;
        let mail = mail.filter(|mail| files.len() == count && mail.subject.contains(what));
        let found =
            mail.map_or_else(|| "nothing".to_owned(), |mail| format!("{} \"{}\"", mail.to, mail.subject));
        stage.step(&format!("{whom} gets a mail"), &found);
        let to = found.split(' ').next().unwrap_or_default().to_owned();
        stage.compare(&format!("  mailed to {whom}: {what}"), played, to);
    }
    let mut of_permits = Vec::new();
    let press_has = async |_: &Stage<'_>| {
        let subjects = press_subjects(stage)?;
        Ok(subjects.iter().filter(|subject| subject.contains("UA-BCP-")).count() >= to_press)
    };
    stage.until(press_has).await?;
    for file in messages::files(&stage.folder(PRESS_OFFICE)) {
        let mail = messages::mail(&file)?;
        if mail.subject.contains("UA-BCP-") {
            of_permits.push(mail);
        }
    }
    let named = of_permits
        .iter()
        .filter(|mail| mail.text.contains("Перевізник") || mail.text.contains(EDRPOU))
        .count();
    stage.compare("  mails to the press office", to_press, of_permits.len());
    stage.compare("    that name the trader", 0, named);
    Ok(())
}

fn press_subjects(stage: &Stage<'_>) -> anyhow::Result<Vec<String>> {
    let files = messages::files(&stage.folder(PRESS_OFFICE));
    files.iter().map(|file| Ok(messages::mail(file)?.subject)).collect()
}

/// Another office is shown the stamp, and asks (`…/check`).
pub(super) async fn check(stage: &mut Stage<'_>, permit: &Permit) -> anyhow::Result<()> {
    stage.at("2026-11-23T12:00:00Z")?;
    let address = format!("{}?edrpou={EDRPOU}", permit.path("check"));
    let check = stage.read(Role::Customs, &address).await?;
    let found =
        format!("valid {}, trader matches {}", text(&check, "/valid"), text(&check, "/trader_matches"));
    stage.step("another office checks the number", &found);
    stage.compare("the check by another office", "valid true, trader matches true", found);
    let misread = Request::get(Role::Customs, "/api/v1/permits/UA-BCP-20261123-1210-001-9/check");
    stage.refused("  a misread number", misread, ProblemCode::Invalid, "path:number").await
}

/// The office reports two uses, and that the electronic data was withdrawn (H4.8).
pub(super) async fn use_it(
    stage: &mut Stage<'_>,
    request: &PermitRequest,
    permit: &Permit,
) -> anyhow::Result<()> {
    stage.at("2026-11-23T13:00:00Z")?;
    let withdrawn =
        json!({"kind": "mrn", "number": "26UA408050000042L4", "withdrawn_at": "2026-11-23T12:55:00Z"});
    stage.post(Role::DepartureOffice, &request.path("withdrawals"), &withdrawn).await?;
    let mrn = json!({"uses": [{"registration_number": "26UA408050000042L4", "released_on": "2026-11-23"}], "complete": false});
    let like_an_mrn = Request::post(Role::DepartureOffice, permit.path("reports"), Body::json(&mrn));
    let what = "a paper declaration with an MRN";
    stage.refused(what, like_an_mrn, ProblemCode::Invalid, "/uses/0/registration_number").await?;
    let uses = json!({"uses": [
        {"registration_number": "UA209030/2026/000017", "released_on": "2026-11-23"},
        {"registration_number": "UA209030/2026/000018", "released_on": "2026-11-23"}
    ], "complete": false});
    let reported = stage.post(Role::DepartureOffice, &permit.path("reports"), &uses).await?;
    stage.step("the office reports two uses", text(&reported, "/permit/state"));
    let whole = stage.read(Role::DepartureOffice, &format!("/api/v1/permit-requests/{}", request.id)).await?;
    let count = super::stage::items(&whole, "/uses").len();
    stage.compare("uses reported", 2, count);
    stage.compare(
        "  data withdrawn from NCTS at",
        "2026-11-23T12:55:00Z",
        text(&whole, "/to_withdraw/0/withdrawn_at"),
    );
    Ok(())
}

/// Two hours before its end both are warned, once.
pub(super) async fn warn(stage: &mut Stage<'_>, permit: &Permit) -> anyhow::Result<()> {
    stage.at("2026-11-24T08:24:59Z")?;
    stage.compare("the timers a second before the warning", Looked::default(), stage.timers().await?);
    stage.at("2026-11-24T08:25:00Z")?;
    let looked = stage.timers().await?;
    stage.step("the timers look", looked);
    stage.compare("the timers two hours before the end", Looked { warned: 1, ..Looked::default() }, looked);
    stage.compare("  the timers again", Looked::default(), stage.timers().await?);
    mailed(stage, 2, 2, "About to expire").await?;
    let check = stage.read(Role::Customs, &permit.path("check")).await?;
    stage.compare("  the permit still holds", "true", text(&check, "/valid"));
    Ok(())
}

/// It expires by the clock, whether a timer looks or not; the timer tells of it and lowers the flag.
pub(super) async fn expire(stage: &mut Stage<'_>, permit: &Permit, outage: &Outage) -> anyhow::Result<()> {
    stage.at("2026-11-24T10:25:00Z")?;
    let check = stage.read(Role::Customs, &permit.path("check")).await?;
    let found = format!("{}, valid {}", text(&check, "/state"), text(&check, "/valid"));
    stage.step("24 hours are over", &found);
    stage.compare("the permit after 24 hours, before any timer", "expired, valid false", found);
    let looked = stage.timers().await?;
    stage.step("the timers look", looked);
    stage.compare("  the timers", Looked { expired: 1, ..Looked::default() }, looked);
    let flag = text(&stage.read(Role::Trader, &outage.path()).await?, "/fallback_allowed");
    stage.compare("  the outage allows the procedure", "false", flag);
    told_to_taxud(stage, 3, "U U 2026-11-23T07:40:00 to - fallback 0").await?;
    mailed(stage, 3, 3, "Expired").await
}
