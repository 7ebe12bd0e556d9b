//! Contact data in the words of people.

use super::*;

const LETTER: &str = "Доброго дня!

Не можемо подати декларацію: відповідь 500.

- Назва: ТОВ «Брокер»
Код ЄДРПОУ: 43115923
Контактна особа: Олена Шевченко
Тел.: +380 44 123 45 67
Час: 09:40

З повагою
-----Original Message-----
ЄДРПОУ: 00000000
";

#[test]
fn labels_are_read_and_the_rest_is_the_matter() {
    let given = Given::read("Проблема", LETTER);
    let user = given.user("broker@example.com", Some("O. Sh."));
    assert_eq!(user.kind, UserKind::LegalEntity);
    assert_eq!(user.name.as_deref(), Some("ТОВ «Брокер»"));
    assert_eq!(user.edrpou.as_deref(), Some("43115923"), "what is quoted below is somebody else's");
    assert_eq!(user.person.as_deref(), Some("Олена Шевченко"));
    assert_eq!(user.telephone.as_deref(), Some("+380 44 123 45 67"));
    assert_eq!(user.email.as_deref(), Some("broker@example.com"));
    let substance = given.substance("Re: Проблема", 10_000);
    assert_eq!(
        substance,
        "Проблема\n\nДоброго дня!\n\nНе можемо подати декларацію: відповідь 500.\n\nЧас: 09:40\n\nЗ повагою"
    );
}

#[test]
fn the_kind_of_user_follows_from_what_is_given() {
    let kind = |text: &str| Given::read("", text).user("a@b.ua", None).kind;
    assert_eq!(kind("РНОКПП: 3184710691"), UserKind::SoleTrader);
    assert_eq!(kind("Посада: інспектор\nПідрозділ: Львівська митниця"), UserKind::CustomsOfficial);
    assert_eq!(kind("Щось сталося"), UserKind::LegalEntity);
}

#[test]
fn quoted_lines_give_nothing() {
    let given = Given::read("", "> ЄДРПОУ: 43115923\n> Назва: Чужа\nСвоє");
    assert_eq!(given.user("a@b.ua", None).edrpou, None);
    assert_eq!(given.substance("", 100), "Своє");
}

#[test]
fn a_later_word_counts_and_both_matters_are_kept() {
    let first = Given::read("", "ЄДРПОУ: 1\nНазва: А\nПерше");
    let given = first.then(Given::read("", "ЄДРПОУ: 43115923\nДруге"));
    let user = given.user("a@b.ua", Some("Олена"));
    assert_eq!(user.edrpou.as_deref(), Some("43115923"));
    assert_eq!((user.name.as_deref(), user.person.as_deref()), (Some("А"), Some("Олена")));
    assert_eq!(given.substance("Тема", 100), "Тема\n\nПерше\n\nДруге");
}

#[test]
fn a_kind_is_named_in_the_subject_or_by_its_label() {
    assert_eq!(Given::read("Запит на консультацію", "").kind(), TicketKind::Consultation);
    assert_eq!(Given::read("", "Вид запиту: консультація").kind(), TicketKind::Consultation);
    assert_eq!(Given::read("Не працює", "").kind(), TicketKind::Incident);
}

#[test]
fn a_subject_alone_is_a_matter_and_marks_are_not() {
    assert_eq!(Given::read("", "").substance("RE: Fwd: ЕТС не відповідає", 100), "ЕТС не відповідає");
    assert_eq!(Given::read("", "").substance("Re:", 100), "");
    assert_eq!(Given::read("", "x").substance("", 100), "x");
}

#[test]
fn our_own_list_of_what_is_missing_gives_nothing() {
    let answer = "Код ЄДРПОУ: 43115923\nДодаю.\n\nНазва: (не вказано)\nТелефон: (вказано неправильно)\nСуть запиту: (не вказано)\n\
        ЄДРПОУ: (не вказано)\nEDRPOU: (is missing: a ticket of a legal_entity is not registered without it)\n\
        Telephone: (is no telephone number: 7 to 15 digits)\nПримітка: (це важливо)";
    let given = Given::read("", answer);
    let user = given.user("a@b.ua", None);
    assert_eq!((user.edrpou.as_deref(), user.name, user.telephone), (Some("43115923"), None, None));
    assert_eq!(given.substance("", 100), "Додаю.\n\nПримітка: (це важливо)");
    let telephone = Given::read("", "Телефон: (044) 123-45-67").user("a@b.ua", None).telephone;
    assert_eq!(telephone.as_deref(), Some("(044) 123-45-67"));
}
