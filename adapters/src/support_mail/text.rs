//! The words of a letter to a user, in Ukrainian and in English. Moments are told as clocks in Kyiv show
//! them.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Kyiv;
use kordon_hub::support::letters::{Content, Letter, Linked};
use kordon_hub::support::mail::contact_data::{GIVEN_WRONGLY, NOT_GIVEN};
use kordon_hub::support::mail::rules::TOO_LARGE;
use kordon_schemas::Fault;
use kordon_schemas::articles::ArticleTitle;
use kordon_schemas::tickets::TicketKind;

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterText {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// What stands between the two languages.
const RULE: &str = "----------------------------------------";

/// The words of a letter; `articles` is the address under which anybody reads articles, the id follows it.
#[must_use]
pub fn letter_text(letter: &Letter, articles: Option<&str>) -> LetterText {
    let Said { number, uk, en } = said(&letter.content, articles);
    LetterText { subject: subject(letter, number), body: format!("{uk}\n\n{RULE}\n\n{en}\n") }
}

/// The subject: that of the mail which is answered, else the letter's own, with the number of the ticket.
fn subject(letter: &Letter, number: Option<&str>) -> String {
    let answered = letter.subject.trim();
    let title = |own: &str| if answered.is_empty() { own.to_owned() } else { format!("Re: {answered}") };
    let title = match &letter.content {
        // Nobody has read what came: the words of a stranger, who may have named any sender, go to nobody
        // (decision 38).
        Content::Registration { .. } => "Запит зареєстровано / Ticket registered".to_owned(),
        Content::Incomplete { .. } => "Запит не зареєстровано / Not registered".to_owned(),
        Content::Question { .. } => title("Потрібна інформація / Information needed"),
        Content::Extension { .. } => title("Строк продовжено / Deadline extended"),
        Content::Result { .. } => title("Відповідь / Answer"),
    };
    match number {
        // A subject that is answered again and again has the number once.
        Some(number) if !title.contains(number) => format!("[{number}] {title}"),
        Some(_) | None => title,
    }
}

/// What a letter says in each language, and the number of its ticket.
struct Said<'l> {
    number: Option<&'l str>,
    uk: String,
    en: String,
}

fn said<'l>(content: &'l Content, articles: Option<&str>) -> Said<'l> {
    match content {
        Content::Registration { number, registered_at, kind, not_kept } => {
            registration(number, *registered_at, *kind, *not_kept)
        }
        Content::Incomplete { missing, received_at }
            if missing.iter().any(|fault| fault.path == TOO_LARGE) =>
        {
            too_large(*received_at)
        }
        Content::Incomplete { missing, received_at } => incomplete(missing, *received_at),
        Content::Question { number, text } => Said {
            number: Some(number),
            uk: format!(
                "Щоб розглянути запит {number}, потрібна додаткова інформація:\n\n{text}\n\nВідповідайте на цей лист."
            ),
            en: format!(
                "More information is needed for ticket {number}; the question stands above. Answer this mail."
            ),
        },
        Content::Extension { number, until, reason } => extension(number, *until, reason),
        Content::Result { number, text, article } => Said {
            number: Some(number),
            uk: format!(
                "Відповідь на запит {number}:\n\n{text}{}\n\n\
                 Якщо протягом 10 днів Ви не заперечите, запит буде закрито. Щоб заперечити, відповідайте на цей лист.",
                link(article.as_ref(), articles, "Питання і відповіді", |title| &title.uk)
            ),
            en: format!(
                "The answer to ticket {number} stands above.{} Without an objection within 10 days the ticket is closed. \
                 To object, answer this mail.",
                link(article.as_ref(), articles, "Questions and answers", |title| &title.en)
            ),
        },
    }
}

fn registration(number: &str, registered_at: DateTime<Utc>, kind: TicketKind, not_kept: usize) -> Said<'_> {
    let (of_uk, of_en) = match kind {
        TicketKind::Incident => ("про інцидент", "incident"),
        TicketKind::Consultation => ("на консультацію", "consultation"),
    };
    let at = in_kyiv(registered_at);
    let mut uk = format!(
        "Ваш запит {of_uk} зареєстровано.\n\nНомер: {number}\nДата і час реєстрації: {at}\n\n\
         Відповідь надійде на цю адресу. Щоб доповнити запит, відповідайте на цей лист."
    );
    let mut en = format!(
        "Your ticket ({of_en}) is registered.\n\nNumber: {number}\nRegistered at: {at}\n\n\
         The answer comes to this address. To add to the ticket, answer this mail."
    );
    if not_kept > 0 {
        uk.push_str(&format!("\n\nНе збережено вкладень: {not_kept}. Вони завеликі, або їх забагато."));
        en.push_str(&format!("\n\nAttachments not kept: {not_kept}. They are too large or too many."));
    }
    Said { number: Some(number), uk, en }
}

fn too_large(received_at: DateTime<Utc>) -> Said<'static> {
    let at = in_kyiv(received_at);
    let uk = format!(
        "Ваш лист, отриманий {at}, не зареєстровано: він завеликий, і його не прочитано.\n\n\
         Надішліть його ще раз з меншими вкладеннями: разом до 8 МБ."
    );
    let en = format!(
        "Your mail, received {at}, is not registered: it is too large and was not read.\n\n\
         Send it again with smaller attachments: up to 8 MB together."
    );
    Said { number: None, uk, en }
}

fn incomplete(missing: &[Fault], received_at: DateTime<Utc>) -> Said<'static> {
    let at = in_kyiv(received_at);
    let (uk, en) = listed(missing);
    let uk = format!(
        "Ваш лист, отриманий {at}, не зареєстровано: бракує даних або вони неправильні.\n\n{uk}\n\
         Відповідайте на цей лист, кожне значення з нового рядка після назви і двокрапки, \
         як у переліку. Написане раніше повторювати не треба."
    );
    let en = format!(
        "Your mail, received {at}, is not registered: data is missing or wrong.\n\n{en}\n\
         Answer this mail, each value in a line of its own after the name and a colon, as in the list. \
         What you wrote before need not be repeated."
    );
    Said { number: None, uk, en }
}

fn extension<'l>(number: &'l str, until: Option<DateTime<Utc>>, reason: &str) -> Said<'l> {
    // A ticket that waits for information or for software has no date yet.
    let (uk, en) = match until {
        Some(until) => (format!("до {}", in_kyiv(until)), format!("until {}", in_kyiv(until))),
        None => (
            "на час, необхідний для вирішення питання".to_owned(),
            "for as long as the matter needs".to_owned(),
        ),
    };
    Said {
        number: Some(number),
        uk: format!("Строк розгляду запиту {number} продовжено {uk}.\n\nПідстава: {reason}"),
        en: format!("The deadline of ticket {number} is extended {en}. The reason stands above."),
    }
}

/// The article that says the same, with its address where there is one.
fn link(
    article: Option<&Linked>,
    address: Option<&str>,
    name: &str,
    title: impl Fn(&ArticleTitle) -> &String,
) -> String {
    match (article, address) {
        (None, _) => String::new(),
        (Some(article), None) => format!("\n\n{name}: «{}»", title(&article.title)),
        (Some(article), Some(address)) => {
            format!("\n\n{name}: «{}», {address}{}", title(&article.title), article.id)
        }
    }
}

/// What is missing, a line each: as it is to be written, and what is wrong.
fn listed(missing: &[Fault]) -> (String, String) {
    let mut uk = String::new();
    let mut en = String::new();
    for Fault { path, detail } in missing {
        let (label_uk, label_en) = label(path);
        let is_missing = detail.starts_with("is missing");
        let wrong = if is_missing { NOT_GIVEN } else { GIVEN_WRONGLY };
        uk.push_str(&format!("{label_uk}: {wrong}\n"));
        en.push_str(&format!("{label_en}: ({detail})\n"));
    }
    (uk, en)
}

/// The label that a member of the contact data is written under.
fn label(path: &str) -> (&'static str, &'static str) {
    match path {
        "/user/name" => ("Назва", "Name"),
        "/user/edrpou" => ("ЄДРПОУ", "EDRPOU"),
        "/user/rnokpp" => ("РНОКПП", "RNOKPP"),
        "/user/unit_code" => ("Код підрозділу", "Unit code"),
        "/user/unit_name" => ("Підрозділ", "Unit"),
        "/user/position" => ("Посада", "Position"),
        "/user/person" => ("Контактна особа", "Contact person"),
        "/user/telephone" => ("Телефон", "Telephone"),
        "/user/email" => ("Електронна адреса", "E-mail"),
        _ => ("Суть запиту", "The matter"),
    }
}

fn in_kyiv(at: DateTime<Utc>) -> String {
    at.with_timezone(&Kyiv).format("%d.%m.%Y %H:%M (UTC%:z)").to_string()
}
