//! Contact data as people write it into a mail: a line each, a label, a colon, a value, in Ukrainian or in
//! English. What a mail quotes is somebody else's, and is not read. No clock, no I/O.

use kordon_schemas::tickets::{TicketKind, TicketUser, UserKind};

/// A member of the contact data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Name,
    Edrpou,
    Rnokpp,
    UnitCode,
    UnitName,
    Position,
    Person,
    Telephone,
    Kind,
}

/// The labels, in small letters.
const LABELS: &[(&str, Label)] = &[
    ("назва", Label::Name),
    ("найменування", Label::Name),
    ("назва підприємства", Label::Name),
    ("підприємство", Label::Name),
    ("name", Label::Name),
    ("company", Label::Name),
    ("єдрпоу", Label::Edrpou),
    ("код єдрпоу", Label::Edrpou),
    ("edrpou", Label::Edrpou),
    ("рнокпп", Label::Rnokpp),
    ("іпн", Label::Rnokpp),
    ("rnokpp", Label::Rnokpp),
    ("tax number", Label::Rnokpp),
    ("код підрозділу", Label::UnitCode),
    ("unit code", Label::UnitCode),
    ("підрозділ", Label::UnitName),
    ("назва підрозділу", Label::UnitName),
    ("unit", Label::UnitName),
    ("посада", Label::Position),
    ("position", Label::Position),
    ("контактна особа", Label::Person),
    ("піб", Label::Person),
    ("contact person", Label::Person),
    ("person", Label::Person),
    ("телефон", Label::Telephone),
    ("тел", Label::Telephone),
    ("telephone", Label::Telephone),
    ("phone", Label::Telephone),
    ("вид запиту", Label::Kind),
    ("kind", Label::Kind),
];

/// What a letter of ours says in the place of a value that is not given.
pub const NOT_GIVEN: &str = "(не вказано)";

/// What it says in the place of one that cannot be right. In English it gives the fault itself in brackets.
pub const GIVEN_WRONGLY: &str = "(вказано неправильно)";

/// What somebody gave of themselves, and the matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given {
    name: Option<String>,
    edrpou: Option<String>,
    rnokpp: Option<String>,
    unit_code: Option<String>,
    unit_name: Option<String>,
    position: Option<String>,
    person: Option<String>,
    telephone: Option<String>,
    kind: Option<TicketKind>,
    matter: String,
}

impl Given {
    /// Reads a mail.
    #[must_use]
    pub fn read(subject: &str, text: &str) -> Self {
        let mut given = Self { kind: kind_in(subject), ..Self::default() };
        let mut matter = Vec::new();
        for line in text.lines().take_while(|line| !begins_a_quotation(line)) {
            if line.trim_start().starts_with('>') || is_of_our_list(line) {
                continue;
            }
            match labelled(line) {
                Some((label, value)) => given.take(label, value),
                None => matter.push(line.trim_end()),
            }
        }
        given.matter = matter.join("\n").trim().to_owned();
        given
    }

    /// What was given before, with what is given now: the later word counts, both matters are kept.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        let Self { name, edrpou, rnokpp, unit_code, unit_name, position, person, telephone, kind, matter } =
            later;
        let matters = [self.matter, matter];
        let matters: Vec<&str> =
            matters.iter().map(String::as_str).filter(|matter| !matter.is_empty()).collect();
        Self {
            name: name.or(self.name),
            edrpou: edrpou.or(self.edrpou),
            rnokpp: rnokpp.or(self.rnokpp),
            unit_code: unit_code.or(self.unit_code),
            unit_name: unit_name.or(self.unit_name),
            position: position.or(self.position),
            person: person.or(self.person),
            telephone: telephone.or(self.telephone),
            kind: kind.or(self.kind),
            matter: matters.join("\n\n"),
        }
    }

    /// The matter itself: what is left of the text, or the subject when nothing is.
    #[must_use]
    pub fn substance(&self, subject: &str, longest: usize) -> String {
        let subject = without_marks(subject);
        let whole = if self.matter.is_empty() {
            subject.to_owned()
        } else if subject.is_empty() || self.matter.starts_with(subject) {
            self.matter.clone()
        } else {
            format!("{subject}\n\n{}", self.matter)
        };
        whole.chars().take(longest).collect()
    }

    /// The kind of the ticket: as it was said. A fault is the commoner reason to write, and the more urgent
    /// one.
    #[must_use]
    pub fn kind(&self) -> TicketKind {
        self.kind.unwrap_or(TicketKind::Incident)
    }

    /// Who asks, as far as it was said; `sender` answers for the address, and for the person when no other is
    /// named.
    #[must_use]
    pub fn user(&self, sender: &str, sender_name: Option<&str>) -> TicketUser {
        let Self { name, edrpou, rnokpp, unit_code, unit_name, position, person, telephone, .. } =
            self.clone();
        let kind = if unit_code.is_some() || unit_name.is_some() || position.is_some() {
            UserKind::CustomsOfficial
        } else if rnokpp.is_some() && edrpou.is_none() {
            UserKind::SoleTrader
        } else {
            UserKind::LegalEntity
        };
        let named = sender_name.filter(|name| !name.contains('@')).map(ToOwned::to_owned);
        TicketUser {
            // What this kind of user does not need was an explanation, not contact data.
            name: name.filter(|_| kind != UserKind::CustomsOfficial),
            edrpou: edrpou.filter(|_| kind == UserKind::LegalEntity),
            rnokpp: rnokpp.filter(|_| kind == UserKind::SoleTrader),
            kind,
            unit_code,
            unit_name,
            position,
            person: person.or(named),
            email: Some(sender.to_owned()),
            telephone,
        }
    }

    fn take(&mut self, label: Label, value: &str) {
        let place = match label {
            Label::Name => &mut self.name,
            Label::Edrpou => &mut self.edrpou,
            Label::Rnokpp => &mut self.rnokpp,
            Label::UnitCode => &mut self.unit_code,
            Label::UnitName => &mut self.unit_name,
            Label::Position => &mut self.position,
            Label::Person => &mut self.person,
            Label::Telephone => &mut self.telephone,
            Label::Kind => {
                self.kind = kind_in(value).or(self.kind);
                return;
            }
        };
        *place = Some(value.to_owned());
    }
}

fn labelled(line: &str) -> Option<(Label, &str)> {
    let (label, value) = line.split_once(':')?;
    let label = label.trim().trim_start_matches(['-', '*', '•']).trim().trim_end_matches('.').to_lowercase();
    let value = value.trim();
    let (_, label) = LABELS.iter().find(|(known, _)| *known == label)?;
    (!value.is_empty()).then_some((*label, value))
}

/// Whether a line comes from our own list of what is missing, which was answered without a mark of quotation:
/// a label without a value.
fn is_of_our_list(line: &str) -> bool {
    let Some((_, value)) = line.split_once(':') else { return false };
    let value = value.trim();
    let in_english = || value.starts_with("(is ") && value.ends_with(')') && labelled(line).is_some();
    value == NOT_GIVEN || value == GIVEN_WRONGLY || value.starts_with("(is missing") || in_english()
}

/// The kind of ticket that a text names by its word.
fn kind_in(text: &str) -> Option<TicketKind> {
    let text = text.to_lowercase();
    if text.contains("консультац") || text.contains("consultation") {
        Some(TicketKind::Consultation)
    } else if text.contains("інцидент") || text.contains("incident") {
        Some(TicketKind::Incident)
    } else {
        None
    }
}

/// The line under which mail programs put the mail that is answered.
fn begins_a_quotation(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("-----") || line.starts_with("_____")
}

/// A subject without `Re:`, `Fwd:` and the like in front.
fn without_marks(subject: &str) -> &str {
    const MARKS: [&str; 6] = ["re:", "fw:", "fwd:", "відп:", "пересл:", "на:"];
    let mut subject = subject.trim();
    while let Some(mark) = MARKS.iter().find(|mark| {
        subject.chars().zip(mark.chars()).filter(|(s, m)| s.to_lowercase().eq(m.to_lowercase())).count()
            == mark.chars().count()
    }) {
        let bytes: usize = subject.chars().take(mark.chars().count()).map(char::len_utf8).sum();
        subject = subject.get(bytes..).unwrap_or_default().trim_start();
    }
    subject
}

#[cfg(test)]
mod tests;
