//! What the press office gets to publish, word by word.

use insta::assert_snapshot;
use kordon_adapters::press_office::text::{Language, press_text};
use kordon_hub::notices::Dispatch;
use kordon_hub::outages::Told;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::outages::AffectedSystem;

use crate::samples::{at, dispatch, planned, unplanned};

#[test]
fn a_planned_window_is_told_in_both_languages() {
    assert_snapshot!(both(&dispatch(1, NoticeKind::Declared, None, planned())), @"
    Планові роботи: ЕТС

    Системи: електронна транзитна система (ЕТС, NCTS)
    Початок: 28.11.2026, 20:00 за київським часом (UTC+02:00), 18:00 UTC
    Очікуване завершення: 29.11.2026, 00:00 за київським часом (UTC+02:00), 28.11.2026, 22:00 UTC
    Процедура забезпечення безперервної роботи: може застосовуватися за окремим дозволом Служби підтримки

    Оновлення серверів ЕТС.

    Повідомлення № 1 про цю подію, 21.11.2026, 00:45 за київським часом (UTC+02:00), 20.11.2026, 22:45 UTC.

    =====

    Planned work: ETS

    Systems: the electronic transit system (ETS, NCTS)
    Start: 28 November 2026, 20:00 Kyiv time (UTC+02:00), 18:00 UTC
    Expected end: 29 November 2026, 00:00 Kyiv time (UTC+02:00), 28 November 2026, 22:00 UTC
    Business continuity procedure: may be used under a separate permit of the support service

    Upgrade of the ETS servers & their <database>.

    Notice no. 1 of this event, 21 November 2026, 00:45 Kyiv time (UTC+02:00), 20 November 2026, 22:45 UTC.
    ");
}

#[test]
fn a_failure_of_two_systems_at_night_is_told_with_the_day_of_kyiv_and_of_utc() {
    assert_snapshot!(both(&dispatch(1, NoticeKind::Declared, None, unplanned())), @"
    Позапланова недоступність: ЕТС, система управління гарантіями

    Системи: електронна транзитна система (ЕТС, NCTS); електронна система управління гарантіями
    Початок: 21.11.2026, 00:40 за київським часом (UTC+02:00), 20.11.2026, 22:40 UTC
    Очікуване завершення: поки невідоме
    Процедура забезпечення безперервної роботи: не застосовується

    Декларації не надходять до ЕТС.

    Повідомлення № 1 про цю подію, 21.11.2026, 00:45 за київським часом (UTC+02:00), 20.11.2026, 22:45 UTC.

    =====

    Unplanned outage: ETS, guarantee management system

    Systems: the electronic transit system (ETS, NCTS); the electronic guarantee management system
    Start: 21 November 2026, 00:40 Kyiv time (UTC+02:00), 20 November 2026, 22:40 UTC
    Expected end: not known yet
    Business continuity procedure: is not in use

    Declarations do not reach ETS.

    Notice no. 1 of this event, 21 November 2026, 00:45 Kyiv time (UTC+02:00), 20 November 2026, 22:45 UTC.
    ");
}

#[test]
fn a_change_says_what_was_told_before() {
    let changed = Told {
        affected_systems: vec![AffectedSystem::Ets],
        expected_end_at: Some(at("2026-11-21T03:00:00Z")),
        fallback_allowed: true,
        ..unplanned()
    };
    assert_snapshot!(both(&dispatch(2, NoticeKind::Changed, Some(unplanned()), changed)), @"
    Нові відомості про недоступність: ЕТС

    Системи: електронна транзитна система (ЕТС, NCTS)
    Початок: 21.11.2026, 00:40 за київським часом (UTC+02:00), 20.11.2026, 22:40 UTC
    Очікуване завершення: 21.11.2026, 05:00 за київським часом (UTC+02:00), 03:00 UTC
    Процедура забезпечення безперервної роботи: може застосовуватися за окремим дозволом Служби підтримки

    Змінено:
    - перелік систем (раніше: електронна транзитна система (ЕТС, NCTS); електронна система управління гарантіями)
    - очікуване завершення (раніше: поки невідоме)
    - процедура забезпечення безперервної роботи (раніше: не застосовується)

    Декларації не надходять до ЕТС.

    Повідомлення № 2 про цю подію, 21.11.2026, 00:45 за київським часом (UTC+02:00), 20.11.2026, 22:45 UTC.

    =====

    Unplanned outage, updated: ETS

    Systems: the electronic transit system (ETS, NCTS)
    Start: 21 November 2026, 00:40 Kyiv time (UTC+02:00), 20 November 2026, 22:40 UTC
    Expected end: 21 November 2026, 05:00 Kyiv time (UTC+02:00), 03:00 UTC
    Business continuity procedure: may be used under a separate permit of the support service

    Changed:
    - the systems (before: the electronic transit system (ETS, NCTS); the electronic guarantee management system)
    - the expected end (before: not known yet)
    - the business continuity procedure (before: is not in use)

    Declarations do not reach ETS.

    Notice no. 2 of this event, 21 November 2026, 00:45 Kyiv time (UTC+02:00), 20 November 2026, 22:45 UTC.
    ");
}

#[test]
fn a_recovery_is_told_in_both_languages() {
    let recovered = Told { recovered_at: Some(at("2026-11-28T21:40:00Z")), ..planned() };
    assert_snapshot!(both(&dispatch(2, NoticeKind::Recovered, Some(planned()), recovered)), @"
    Планові роботи завершено: ЕТС

    Системи: електронна транзитна система (ЕТС, NCTS)
    Початок: 28.11.2026, 20:00 за київським часом (UTC+02:00), 18:00 UTC
    Роботу поновлено: 28.11.2026, 23:40 за київським часом (UTC+02:00), 21:40 UTC
    Процедура забезпечення безперервної роботи: більше не застосовується

    Оновлення серверів ЕТС.

    Повідомлення № 2 про цю подію, 21.11.2026, 00:45 за київським часом (UTC+02:00), 20.11.2026, 22:45 UTC.

    =====

    Planned work completed: ETS

    Systems: the electronic transit system (ETS, NCTS)
    Start: 28 November 2026, 20:00 Kyiv time (UTC+02:00), 18:00 UTC
    Restored: 28 November 2026, 23:40 Kyiv time (UTC+02:00), 21:40 UTC
    Business continuity procedure: is not to be used any more

    Upgrade of the ETS servers & their <database>.

    Notice no. 2 of this event, 21 November 2026, 00:45 Kyiv time (UTC+02:00), 20 November 2026, 22:45 UTC.
    ");
}

#[test]
fn a_cancelled_window_is_told_in_both_languages() {
    let cancelled = Told { cancelled_at: Some(at("2026-11-27T08:00:00Z")), ..planned() };
    assert_snapshot!(both(&dispatch(2, NoticeKind::Cancelled, Some(planned()), cancelled)), @"
    Планові роботи скасовано: ЕТС

    Системи: електронна транзитна система (ЕТС, NCTS)
    Оголошений початок: 28.11.2026, 20:00 за київським часом (UTC+02:00), 18:00 UTC

    Оновлення серверів ЕТС.

    Повідомлення № 2 про цю подію, 21.11.2026, 00:45 за київським часом (UTC+02:00), 20.11.2026, 22:45 UTC.

    =====

    Planned work cancelled: ETS

    Systems: the electronic transit system (ETS, NCTS)
    Announced start: 28 November 2026, 20:00 Kyiv time (UTC+02:00), 18:00 UTC

    Upgrade of the ETS servers & their <database>.

    Notice no. 2 of this event, 21 November 2026, 00:45 Kyiv time (UTC+02:00), 20 November 2026, 22:45 UTC.
    ");
}

#[test]
fn the_hour_that_comes_twice_in_autumn_is_told_apart() {
    let starting = |starts_at| {
        let told = Told { starts_at: at(starts_at), expected_end_at: None, ..unplanned() };
        press_text(&dispatch(1, NoticeKind::Declared, None, told), Language::Ukrainian).body
    };
    let summer = starting("2026-10-25T00:30:00Z");
    let winter = starting("2026-10-25T01:30:00Z");
    assert!(summer.contains("25.10.2026, 03:30 за київським часом (UTC+03:00), 00:30 UTC"), "{summer}");
    assert!(winter.contains("25.10.2026, 03:30 за київським часом (UTC+02:00), 01:30 UTC"), "{winter}");
}

fn both(dispatch: &Dispatch) -> String {
    let texts = [Language::Ukrainian, Language::English].map(|language| press_text(dispatch, language));
    texts.map(|text| format!("{}\n\n{}", text.title, text.body)).join("\n\n=====\n\n")
}
