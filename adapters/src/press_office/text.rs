//! The words of a notice for the public, in Ukrainian and in English. Moments are told as clocks in Kyiv show
//! them, with the zone named (in the night of the clock change one hour comes twice), and in UTC.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Kyiv;
use kordon_hub::notices::Dispatch;
use kordon_hub::outages::Told;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::outages::{AffectedSystem, OutageDirection, OutageKind, OutageLevel, OutageScope};
use kordon_schemas::press_texts::{PressText, PressTexts};

/// The languages of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Ukrainian.
    Ukrainian,
    /// English.
    English,
}

use Language::{English, Ukrainian};

/// The words of a notice in both languages: those that a person put, or those of the template.
#[must_use]
pub fn press_texts(dispatch: &Dispatch) -> PressTexts {
    dispatch.press_text.clone().unwrap_or_else(|| PressTexts {
        uk: press_text(dispatch, Ukrainian),
        en: press_text(dispatch, English),
    })
}

/// The words of the template in a language.
#[must_use]
pub fn press_text(dispatch: &Dispatch, language: Language) -> PressText {
    let notice = &dispatch.notice;
    let told = &notice.told;
    let title = format!(
        "{}: {}",
        headline(told.kind, notice.kind, language),
        system_names(&told.affected_systems, language)
    );
    let mut paragraphs = vec![facts(told, notice.kind, language).join("\n")];
    if let (NoticeKind::Changed, Some(previous)) = (notice.kind, &dispatch.previous) {
        paragraphs.push(changes(previous, told, language).join("\n"));
    }
    paragraphs.push(match language {
        Ukrainian => told.text.uk.clone(),
        English => told.text.en.clone(),
    });
    let recorded_at = moment(notice.created_at, language);
    paragraphs.push(match language {
        Ukrainian => format!("Повідомлення № {} про цю подію, {recorded_at}.", notice.number),
        English => format!("Notice no. {} of this event, {recorded_at}.", notice.number),
    });
    PressText { title, body: paragraphs.join("\n\n") }
}

fn headline(outage: OutageKind, notice: NoticeKind, language: Language) -> &'static str {
    match (outage, notice, language) {
        (OutageKind::Planned, NoticeKind::Declared, Ukrainian) => "Планові роботи",
        (OutageKind::Planned, NoticeKind::Declared, English) => "Planned work",
        (OutageKind::Planned, NoticeKind::Changed, Ukrainian) => "Зміни щодо планових робіт",
        (OutageKind::Planned, NoticeKind::Changed, English) => "Planned work changed",
        (OutageKind::Planned, NoticeKind::Recovered, Ukrainian) => "Планові роботи завершено",
        (OutageKind::Planned, NoticeKind::Recovered, English) => "Planned work completed",
        (OutageKind::Planned, NoticeKind::Cancelled, Ukrainian) => "Планові роботи скасовано",
        (OutageKind::Planned, NoticeKind::Cancelled, English) => "Planned work cancelled",
        (OutageKind::Unplanned, NoticeKind::Declared, Ukrainian) => "Позапланова недоступність",
        (OutageKind::Unplanned, NoticeKind::Declared, English) => "Unplanned outage",
        (OutageKind::Unplanned, NoticeKind::Changed, Ukrainian) => "Нові відомості про недоступність",
        (OutageKind::Unplanned, NoticeKind::Changed, English) => "Unplanned outage, updated",
        (OutageKind::Unplanned, NoticeKind::Recovered, Ukrainian) => "Роботу поновлено",
        (OutageKind::Unplanned, NoticeKind::Recovered, English) => "Service restored",
        (OutageKind::Unplanned, NoticeKind::Cancelled, Ukrainian) => {
            "Повідомлення про недоступність відкликано"
        }
        (OutageKind::Unplanned, NoticeKind::Cancelled, English) => "Outage notice withdrawn",
        (_, NoticeKind::StartsSoon, Ukrainian) => "Нагадування про планові роботи",
        (_, NoticeKind::StartsSoon, English) => "Planned work, a reminder",
        (OutageKind::Planned, NoticeKind::Overran, Ukrainian) => "Планові роботи тривають довше",
        (OutageKind::Planned, NoticeKind::Overran, English) => "Planned work takes longer",
        (OutageKind::Unplanned, NoticeKind::Overran, Ukrainian) => {
            "Недоступність триває довше, ніж очікувалося"
        }
        (OutageKind::Unplanned, NoticeKind::Overran, English) => "Outage lasts longer than expected",
        // Notices of permits have words of their own; here stands what they are about.
        (
            _,
            NoticeKind::PermitIssued
            | NoticeKind::PermitExpiring
            | NoticeKind::PermitExpired
            | NoticeKind::PermitCorrected
            | NoticeKind::PermitRevoked,
            Ukrainian,
        ) => "Дозвіл на процедуру забезпечення безперервної роботи",
        (
            _,
            NoticeKind::PermitIssued
            | NoticeKind::PermitExpiring
            | NoticeKind::PermitExpired
            | NoticeKind::PermitCorrected
            | NoticeKind::PermitRevoked,
            English,
        ) => "Business continuity permit",
    }
}

/// The names of systems in a line.
pub(super) fn system_names(systems: &[AffectedSystem], language: Language) -> String {
    let name = |system: &AffectedSystem| match (system, language) {
        (AffectedSystem::Ets, Ukrainian) => "ЕТС",
        (AffectedSystem::Ets, English) => "ETS",
        (AffectedSystem::GuaranteeManagement, Ukrainian) => "система управління гарантіями",
        (AffectedSystem::GuaranteeManagement, English) => "guarantee management system",
        (AffectedSystem::CustomsInformation, Ukrainian) => "інформаційна система митних органів",
        (AffectedSystem::CustomsInformation, English) => "customs information system",
        (AffectedSystem::DeclarantLink, Ukrainian) => "з'єднання із системами декларантів",
        (AffectedSystem::DeclarantLink, English) => "link to declarants' systems",
    };
    systems.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The names that Order 926 uses (clause 1 of section IV).
fn full_names(told: &Told, language: Language) -> String {
    let name = |system: &AffectedSystem| match (system, language) {
        (AffectedSystem::Ets, Ukrainian) => "електронна транзитна система (ЕТС, NCTS)",
        (AffectedSystem::Ets, English) => "the electronic transit system (ETS, NCTS)",
        (AffectedSystem::GuaranteeManagement, Ukrainian) => "електронна система управління гарантіями",
        (AffectedSystem::GuaranteeManagement, English) => "the electronic guarantee management system",
        (AffectedSystem::CustomsInformation, Ukrainian) => {
            "єдина автоматизована інформаційна система митних органів"
        }
        (AffectedSystem::CustomsInformation, English) => "the customs information system",
        (AffectedSystem::DeclarantLink, Ukrainian) => {
            "електронне з'єднання із системами, що використовуються для подання митних декларацій"
        }
        (AffectedSystem::DeclarantLink, English) => {
            "the link to the systems with which declarations are lodged"
        }
    };
    told.affected_systems.iter().map(name).collect::<Vec<_>>().join("; ")
}

/// The facts, a line each: those that matter at this stage of the outage.
fn facts(told: &Told, notice: NoticeKind, language: Language) -> Vec<String> {
    let line = |uk: &str, en: &str, fact: String| match language {
        Ukrainian => format!("{uk}: {fact}"),
        English => format!("{en}: {fact}"),
    };
    let systems = line("Системи", "Systems", full_names(told, language));
    let starts_at = moment(told.starts_at, language);
    let mut lines = of_stage(told, notice, language, (systems, starts_at));
    lines.extend(told.began_at.map(|at| line("Фактичний початок", "Really began", moment(at, language))));
    lines.extend(whose(&told.scope, language));
    lines
}

/// Whose outage it is and in which direction it is felt, where it is not Ukraine's own in both.
fn whose(scope: &OutageScope, language: Language) -> Vec<String> {
    let OutageScope { level, country, direction } = scope;
    let country = country.as_deref().unwrap_or_default();
    let level = match (level, language) {
        (OutageLevel::National, _) => None,
        (OutageLevel::Central, Ukrainian) => Some("Рівень: центральні системи ЄС".to_owned()),
        (OutageLevel::Central, English) => Some("Level: the central systems of the EU".to_owned()),
        (OutageLevel::Neighbour, Ukrainian) => Some(format!("Рівень: системи сусідньої держави ({country})")),
        (OutageLevel::Neighbour, English) => Some(format!("Level: a neighbour's systems ({country})")),
    };
    let direction = match (direction, language) {
        (OutageDirection::Both, _) => None,
        (OutageDirection::IntoUkraine, Ukrainian) => Some("Напрямок: в'їзд в Україну".to_owned()),
        (OutageDirection::IntoUkraine, English) => Some("Direction: into Ukraine".to_owned()),
        (OutageDirection::OutOfUkraine, Ukrainian) => Some("Напрямок: виїзд з України".to_owned()),
        (OutageDirection::OutOfUkraine, English) => Some("Direction: out of Ukraine".to_owned()),
    };
    level.into_iter().chain(direction).collect()
}

fn of_stage(
    told: &Told,
    notice: NoticeKind,
    language: Language,
    (systems, starts_at): (String, String),
) -> Vec<String> {
    let line = |uk: &str, en: &str, fact: String| match language {
        Ukrainian => format!("{uk}: {fact}"),
        English => format!("{en}: {fact}"),
    };
    match notice {
        NoticeKind::Declared
        | NoticeKind::Changed
        | NoticeKind::StartsSoon
        | NoticeKind::Overran
        | NoticeKind::PermitIssued
        | NoticeKind::PermitExpiring
        | NoticeKind::PermitExpired
        | NoticeKind::PermitCorrected
        | NoticeKind::PermitRevoked => vec![
            systems,
            line("Початок", "Start", starts_at),
            line("Очікуване завершення", "Expected end", end(told, language)),
            line(
                "Процедура забезпечення безперервної роботи",
                "Business continuity procedure",
                fallback(told, language),
            ),
        ],
        NoticeKind::Recovered => {
            let mut lines = vec![systems, line("Початок", "Start", starts_at)];
            lines.extend(
                told.recovered_at.map(|at| line("Роботу поновлено", "Restored", moment(at, language))),
            );
            if told.fallback_allowed {
                let over = match language {
                    Ukrainian => "більше не застосовується",
                    English => "is not to be used any more",
                };
                lines.push(line(
                    "Процедура забезпечення безперервної роботи",
                    "Business continuity procedure",
                    over.to_owned(),
                ));
            }
            lines
        }
        NoticeKind::Cancelled => vec![systems, line("Оголошений початок", "Announced start", starts_at)],
    }
}

fn end(told: &Told, language: Language) -> String {
    match (told.expected_end_at, language) {
        (Some(at), _) => moment(at, language),
        (None, Ukrainian) => "поки невідоме".to_owned(),
        (None, English) => "not known yet".to_owned(),
    }
}

fn fallback(told: &Told, language: Language) -> String {
    let words = match (told.fallback_allowed, language) {
        (true, Ukrainian) => "може застосовуватися за окремим дозволом Служби підтримки",
        (true, English) => "may be used under a separate permit of the support service",
        (false, Ukrainian) => "не застосовується",
        (false, English) => "is not in use",
    };
    words.to_owned()
}

/// What differs from what was told before, a line each.
fn changes(previous: &Told, told: &Told, language: Language) -> Vec<String> {
    let line = |uk: &str, en: &str, was: String| match language {
        Ukrainian => format!("- {uk} (раніше: {was})"),
        English => format!("- {en} (before: {was})"),
    };
    let mut changed = Vec::new();
    if previous.affected_systems != told.affected_systems {
        changed.push(line("перелік систем", "the systems", full_names(previous, language)));
    }
    if previous.starts_at != told.starts_at {
        changed.push(line("початок", "the start", moment(previous.starts_at, language)));
    }
    if previous.expected_end_at != told.expected_end_at {
        changed.push(line("очікуване завершення", "the expected end", end(previous, language)));
    }
    if previous.fallback_allowed != told.fallback_allowed {
        changed.push(line(
            "процедура забезпечення безперервної роботи",
            "the business continuity procedure",
            fallback(previous, language),
        ));
    }
    if changed.is_empty() {
        changed.push(match language {
            Ukrainian => "- текст повідомлення".to_owned(),
            English => "- the text of the notice".to_owned(),
        });
    }
    changed.insert(
        0,
        match language {
            Ukrainian => "Змінено:".to_owned(),
            English => "Changed:".to_owned(),
        },
    );
    changed
}

/// A moment in Kyiv and in UTC, to the minute.
pub(super) fn moment(instant: DateTime<Utc>, language: Language) -> String {
    let kyiv = instant.with_timezone(&Kyiv);
    let offset = kyiv.format("%:z").to_string();
    let utc_day = if kyiv.date_naive() == instant.date_naive() { "" } else { day_format(language) };
    let utc = instant.format(&format!("{utc_day}%H:%M")).to_string();
    let kyiv = kyiv.format(&format!("{}%H:%M", day_format(language))).to_string();
    match language {
        Ukrainian => format!("{kyiv} за київським часом (UTC{offset}), {utc} UTC"),
        English => format!("{kyiv} Kyiv time (UTC{offset}), {utc} UTC"),
    }
}

const fn day_format(language: Language) -> &'static str {
    match language {
        Ukrainian => "%d.%m.%Y, ",
        English => "%-d %B %Y, ",
    }
}
