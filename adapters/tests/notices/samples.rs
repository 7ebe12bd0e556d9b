//! The notices that the tests send: one planned window and one failure, at every stage.

use chrono::{DateTime, Utc};
use kordon_adapters::taxud::message::Message;
use kordon_adapters::taxud::{TaxudRoute, TaxudSettings};
use kordon_hub::notices::{Dispatch, Notice, NoticeId};
use kordon_hub::outages::{OutageId, Told};
use kordon_schemas::Bilingual;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::outages::{AffectedSystem, OutageKind, OutageScope};
use uuid::Uuid;

pub(crate) fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

pub(crate) fn planned() -> Told {
    Told {
        kind: OutageKind::Planned,
        affected_systems: vec![AffectedSystem::Ets],
        functionalities: Vec::new(),
        scope: OutageScope::default(),
        starts_at: at("2026-11-28T18:00:00Z"),
        began_at: None,
        expected_end_at: Some(at("2026-11-28T22:00:00Z")),
        overdue_at: None,
        recovered_at: None,
        cancelled_at: None,
        fallback_allowed: true,
        text: Bilingual {
            uk: "Оновлення серверів ЕТС.".into(),
            en: "Upgrade of the ETS servers & their <database>.".into(),
        },
    }
}

pub(crate) fn unplanned() -> Told {
    Told {
        kind: OutageKind::Unplanned,
        affected_systems: vec![AffectedSystem::Ets, AffectedSystem::GuaranteeManagement],
        functionalities: Vec::new(),
        scope: OutageScope::default(),
        starts_at: at("2026-11-20T22:40:00Z"),
        began_at: None,
        expected_end_at: None,
        overdue_at: None,
        recovered_at: None,
        cancelled_at: None,
        fallback_allowed: false,
        text: Bilingual {
            uk: "Декларації не надходять до ЕТС.".into(),
            en: "Declarations do not reach ETS.".into(),
        },
    }
}

/// The notice number `number` of an outage, to a recipient that knows `previous`.
pub(crate) fn dispatch(number: i32, kind: NoticeKind, previous: Option<Told>, told: Told) -> Dispatch {
    Dispatch {
        notice: Notice {
            id: NoticeId(Uuid::from_u128(0x019a_9d2e_7c00_7000_8000_0000_0000_00a0 + number as u128)),
            position: 40 + i64::from(number),
            outage_id: OutageId(Uuid::from_u128(0x019a_9d2e_7c00_7000_8000_0000_0000_0001)),
            number,
            kind,
            created_at: at("2026-11-20T22:45:10.250Z"),
            told,
        },
        previous,
        press_text: None,
        attempt: 1,
    }
}

pub(crate) fn taxud_settings() -> TaxudSettings {
    TaxudSettings::new(TaxudRoute::Folder { path: "unused".into() })
}

pub(crate) fn xml_of(dispatch: &Dispatch) -> String {
    let message = Message::of(dispatch, &taxud_settings()).expect("there is something to say");
    String::from_utf8(message.to_xml().unwrap()).unwrap()
}
