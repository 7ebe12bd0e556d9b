//! The words of a notice of a permit, in Ukrainian and in English. What the press office publishes is the
//! same as the office and the trader get, but for the stamp; nobody's name is in it.

use kordon_hub::notices::PermitNotice;
use kordon_schemas::notices::{NoticeKind, ToldPermit};
use kordon_schemas::press_texts::PressText;

use super::text::Language::{self, English, Ukrainian};
use super::text::{moment, system_names};

/// The text of a notice of a permit in a language.
#[must_use]
pub fn permit_text(notice: &PermitNotice, language: Language, for_publication: bool) -> PressText {
    let told = &notice.told;
    let title = match language {
        Ukrainian => format!("{}: дозвіл {}", headline(notice.kind, language), told.number),
        English => format!("{}: permit {}", headline(notice.kind, language), told.number),
    };
    let mut paragraphs = vec![facts(told, notice.kind, language).join("\n")];
    if matches!(notice.kind, NoticeKind::PermitIssued | NoticeKind::PermitCorrected) && !for_publication {
        let stamp = told.stamp.join("\n");
        paragraphs.push(match language {
            Ukrainian => format!("Штамп на кожній паперовій декларації (26 x 59 мм):\n{stamp}"),
            English => format!("The stamp on each paper declaration (26 x 59 mm):\n{stamp}"),
        });
    }
    let recorded_at = moment(notice.created_at, language);
    paragraphs.push(match language {
        Ukrainian => format!("Повідомлення № {} про цей дозвіл, {recorded_at}.", notice.number),
        English => format!("Notice no. {} of this permit, {recorded_at}.", notice.number),
    });
    PressText { title, body: paragraphs.join("\n\n") }
}

fn headline(kind: NoticeKind, language: Language) -> &'static str {
    match (kind, language) {
        (NoticeKind::PermitCorrected, Ukrainian) => "Строк дії уточнено",
        (NoticeKind::PermitCorrected, English) => "Period corrected",
        (NoticeKind::PermitExpiring, Ukrainian) => "Строк дії спливає",
        (NoticeKind::PermitExpiring, English) => "About to expire",
        (NoticeKind::PermitExpired, Ukrainian) => "Строк дії сплив",
        (NoticeKind::PermitExpired, English) => "Expired",
        (NoticeKind::PermitRevoked, Ukrainian) => "Відкликано",
        (NoticeKind::PermitRevoked, English) => "Revoked",
        // A notice of a permit is of one of these four kinds; what is not the end of it is its beginning.
        (
            NoticeKind::PermitIssued
            | NoticeKind::Declared
            | NoticeKind::Changed
            | NoticeKind::Recovered
            | NoticeKind::Cancelled
            | NoticeKind::StartsSoon
            | NoticeKind::Overran,
            Ukrainian,
        ) => "Процедура забезпечення безперервної роботи",
        (
            NoticeKind::PermitIssued
            | NoticeKind::Declared
            | NoticeKind::Changed
            | NoticeKind::Recovered
            | NoticeKind::Cancelled
            | NoticeKind::StartsSoon
            | NoticeKind::Overran,
            English,
        ) => "Business continuity procedure",
    }
}

fn facts(told: &ToldPermit, kind: NoticeKind, language: Language) -> Vec<String> {
    let line = |uk: &str, en: &str, fact: &str| match language {
        Ukrainian => format!("{uk}: {fact}"),
        English => format!("{en}: {fact}"),
    };
    let mut lines = vec![
        line("Митниця відправлення", "Departure office", told.office.as_str()),
        line("Системи", "Systems", &system_names(&told.systems, language)),
    ];
    lines.push(match told.valid_from {
        Some(from) => line("Чинний з", "Valid from", &moment(from, language)),
        None => match language {
            Ukrainian => "Чинності не набув.".to_owned(),
            English => "It was never in force.".to_owned(),
        },
    });
    lines.extend(match (told.revoked_at, told.valid_until) {
        (Some(at), _) => Some(line("Відкликано", "Revoked", &moment(at, language))),
        (None, Some(until)) => Some(line("Чинний до", "Valid until", &moment(until, language))),
        (None, None) => None,
    });
    if matches!(kind, NoticeKind::PermitExpired | NoticeKind::PermitRevoked) {
        lines.push(
            match language {
                Ukrainian => "Митні декларації в паперовій формі за цим дозволом більше не приймаються.",
                English => "Paper declarations are not accepted under this permit any more.",
            }
            .to_owned(),
        );
    }
    if kind == NoticeKind::PermitExpiring {
        lines.push(
            match language {
                Ukrainian => "Строк дії не продовжується; за потреби надішліть новий запит.",
                English => "It is not extended; file a new request if one is needed.",
            }
            .to_owned(),
        );
    }
    lines
}
