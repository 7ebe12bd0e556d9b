//! What a ticket must hold before it is registered (section II, clause 3; section III, clause 7). Every fault
//! is named by its place; what a kind of user does not need is not taken, because no more personal data is
//! kept than needed.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Kyiv;
use kordon_schemas::Fault;
use kordon_schemas::codes::{Edrpou, OfficeReference, Rnokpp};
use kordon_schemas::tickets::{
    PeopleIn, PersonInvolved, Recording, TelephoneCall, TicketIn, TicketUser, UserKind,
};

/// How long the recording of a call is kept at least (H3.6).
pub const RECORDING_KEPT: TimeDelta = TimeDelta::days(1_095);

/// How long ago a call may have been when it is entered. Older ones are a slip of the date.
const LONGEST_AGO: TimeDelta = TimeDelta::days(7);

/// By how much the sender's clock may be ahead of ours.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// The longest recording that is promised: a slip of the year is likelier than thirty years.
const LONGEST_KEPT: TimeDelta = TimeDelta::days(10_950);

/// The longest name, position or reference, in characters.
const LONGEST_NAME: usize = 200;

/// The longest matter, in characters.
pub const LONGEST_SUBSTANCE: usize = 10_000;

/// What was checked and is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Who asks, without space around.
    pub user: TicketUser,
    /// The matter, without space around.
    pub substance: String,
    /// The call: when it was received, and its recording.
    pub call: Option<(DateTime<Utc>, Recording)>,
}

/// Checks a ticket.
///
/// # Errors
/// Every fault, with its place.
pub fn check(ticket: &TicketIn, now: DateTime<Utc>) -> Result<Checked, Vec<Fault>> {
    let mut faults = Vec::new();
    let user = user(&ticket.user, now, &mut faults);
    let substance = ticket.substance.trim();
    let length = if substance.is_empty() { 0 } else { ticket.substance.chars().count() };
    match length {
        0 => faults.push(Fault::new("/substance", "is missing: say what the matter is")),
        length if length > LONGEST_SUBSTANCE => {
            faults.push(Fault::new("/substance", format!("has at most {LONGEST_SUBSTANCE} characters")));
        }
        _ => {}
    }
    let call = ticket.call.as_ref().map(|call| checked_call(call, now, &mut faults));
    if faults.is_empty() { Ok(Checked { user, substance: substance.to_owned(), call }) } else { Err(faults) }
}

/// Whether a kind of user must, may or must not give something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Must,
    May,
    MustNot,
}

fn user(given: &TicketUser, now: DateTime<Utc>, faults: &mut Vec<Fault>) -> TicketUser {
    use Need::{May, Must, MustNot};
    let TicketUser { kind, name, edrpou, rnokpp, unit_code, unit_name, position, person, email, telephone } =
        given;
    // By kind: name, EDRPOU, tax number, position; code and name of the unit are looked at together.
    let (of_name, of_edrpou, of_rnokpp, of_position, of_unit) = match kind {
        UserKind::LegalEntity => (Must, Must, MustNot, MustNot, MustNot),
        // The order names a legal entity only; a sole trader is a person (section II, clause 3, item 1).
        UserKind::SoleTrader => (May, MustNot, Must, MustNot, MustNot),
        UserKind::CustomsOfficial => (MustNot, MustNot, MustNot, Must, May),
    };
    let mut read = |path: &str,
                    value: &Option<String>,
                    need: Need,
                    check: &dyn Fn(&str) -> Option<String>| {
        let value = value.as_deref().filter(|value| need == May || !value.trim().is_empty());
        let detail = match (value, need) {
            (Some(value), May) if value.trim().is_empty() => Some("is blank: leave it out".to_owned()),
            (None, Must) => Some(format!("is missing: a ticket of a {kind} is not registered without it")),
            (Some(_), MustNot) => Some(format!("is not needed of a {kind}: leave it out")),
            (Some(value), Must | May) => check(value),
            (None, May | MustNot) => None,
        };
        faults.extend(detail.map(|detail| Fault::new(format!("/user/{path}"), detail)));
        value.map(|value| value.trim().to_owned())
    };
    let mut user = TicketUser {
        kind: *kind,
        name: read("name", name, of_name, &too_long),
        edrpou: read("edrpou", edrpou, of_edrpou, &|code| {
            Edrpou::parse(code).err().map(|fault| fault.to_string())
        }),
        rnokpp: read("rnokpp", rnokpp, of_rnokpp, &|number| no_tax_number(number, now)),
        unit_code: read("unit_code", unit_code, of_unit, &|code| {
            OfficeReference::parse(code).err().map(|fault| fault.to_string())
        }),
        unit_name: read("unit_name", unit_name, of_unit, &too_long),
        position: read("position", position, of_position, &too_long),
        person: read("person", person, Must, &too_long),
        email: read("email", email, May, &no_address),
        telephone: read("telephone", telephone, May, &no_number),
    };
    if *kind == UserKind::SoleTrader && user.name.is_none() {
        user.name.clone_from(&user.person);
    }
    if *kind == UserKind::CustomsOfficial && user.unit_code.is_none() && user.unit_name.is_none() {
        faults
            .push(Fault::new("/user/unit_code", "is missing: give the code or the name of the customs unit"));
    }
    if user.email.is_none() && user.telephone.is_none() {
        faults.push(Fault::new(
            "/user/email",
            "is missing: give an e-mail address or a telephone number to be told by",
        ));
    }
    user
}

/// The most people involved in a matter.
const MOST_PEOPLE: usize = 20;

/// Checks the people involved in a matter.
///
/// # Errors
/// Every fault, with its place.
pub fn check_people(named: &PeopleIn) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    if named.people.len() > MOST_PEOPLE {
        faults.push(Fault::new("/people", format!("names at most {MOST_PEOPLE}")));
    }
    for (index, PersonInvolved { name, part, email, telephone }) in
        named.people.iter().take(MOST_PEOPLE).enumerate()
    {
        let needed = |text: &str| {
            if text.trim().is_empty() { Some("is missing".to_owned()) } else { too_long(text) }
        };
        let told = [
            ("name", needed(name)),
            ("part", needed(part)),
            ("email", email.as_deref().and_then(no_address)),
            ("telephone", telephone.as_deref().and_then(no_number)),
        ];
        let told = told.into_iter().filter_map(|(member, detail)| Some((member, detail?)));
        faults.extend(told.map(|(member, detail)| Fault::new(format!("/people/{index}/{member}"), detail)));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn checked_call(
    call: &TelephoneCall,
    now: DateTime<Utc>,
    faults: &mut Vec<Fault>,
) -> (DateTime<Utc>, Recording) {
    let TelephoneCall { received_at, recording, kept_until } = call;
    let reference = recording.trim();
    if reference.is_empty() || too_long(recording).is_some() {
        let detail = format!("has 1 to {LONGEST_NAME} characters: where the recording is found");
        faults.push(Fault::new("/call/recording", detail));
    }
    if *received_at > now + CLOCK_TOLERANCE {
        faults.push(Fault::new("/call/received_at", "lies ahead"));
    } else if *received_at < now - LONGEST_AGO {
        faults.push(Fault::new("/call/received_at", "is more than 7 days ago"));
    }
    let received_at = (*received_at).min(now);
    let at_least = received_at.checked_add_signed(RECORDING_KEPT).unwrap_or(received_at);
    let kept_until = kept_until.unwrap_or(at_least);
    if kept_until < at_least {
        faults.push(Fault::new("/call/kept_until", "is less than 1,095 days after the call"));
    } else if kept_until > now + LONGEST_KEPT {
        faults.push(Fault::new("/call/kept_until", "is more than 30 years ahead"));
    }
    (received_at, Recording { reference: reference.to_owned(), kept_until })
}

/// Why a text is too long for a name.
pub(crate) fn too_long(text: &str) -> Option<String> {
    (text.chars().count() > LONGEST_NAME).then(|| format!("has at most {LONGEST_NAME} characters"))
}

/// Why a text is no tax number of somebody who was born by now.
pub(crate) fn no_tax_number(number: &str, now: DateTime<Utc>) -> Option<String> {
    let number = match Rnokpp::parse(number) {
        Ok(number) => number,
        Err(fault) => return Some(fault.to_string()),
    };
    let today = now.with_timezone(&Kyiv).date_naive();
    let born = number.birthday().is_some_and(|birthday| birthday <= today);
    (!born).then(|| "begins with a birthday that cannot be".to_owned())
}

/// Why a text is no e-mail address. Whether it is anybody's, only a letter can tell.
pub(crate) fn no_address(text: &str) -> Option<String> {
    let right = text.split_once('@').is_some_and(|(local, domain)| {
        let labels = domain.split('.');
        !local.is_empty()
            && !domain.contains('@')
            && labels.clone().count() >= 2
            && labels.clone().all(|label| !label.is_empty())
    });
    let readable = text.len() <= 254
        && !text.chars().any(|character| character.is_whitespace() || "<>,;\"".contains(character));
    (!right || !readable).then(|| "is no e-mail address".to_owned())
}

/// Why a text is no telephone number.
pub(crate) fn no_number(text: &str) -> Option<String> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let written = text.strip_prefix('+').unwrap_or(text);
    let readable = written.chars().all(|character| character.is_ascii_digit() || " -()".contains(character));
    (!(7..=15).contains(&digits) || !readable || text.len() > 30)
        .then(|| "is no telephone number: 7 to 15 digits".to_owned())
}

#[cfg(test)]
mod tests;
