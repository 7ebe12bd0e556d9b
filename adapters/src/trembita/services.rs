//! The services that the hub provides to members of Trembita by SOAP, named by Trembita's convention. Each is an operation of the
//! contract: the same right, the same rules, the same messages. The door that serves them and the WSDL are made from this list.

/// The namespace of the questions and answers. What stands in them has the namespace of the hub's messages.
pub const NAMESPACE: &str = "urn:kordon:trembita:1";

/// The version of every service. A change of meaning gets a new code, as X-Road has it.
pub const VERSION: &str = "v1";

/// The member of a question that says why personal data is read.
pub const PURPOSE: &str = "purposeID";

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Its code.
    pub code: &'static str,
    /// The operation of the contract that it is.
    pub operation: &'static str,
    /// What it is for, in Ukrainian.
    pub title_uk: &'static str,
    /// The same in English.
    pub title_en: &'static str,
    /// What is asked, beside a message.
    pub parameters: &'static [Parameter],
    /// The element of the message that it takes.
    pub message: Option<&'static str>,
    /// The element of the message that it answers.
    pub answer: &'static str,
    /// Whether it shows persons or movements, so that a purpose is needed.
    pub is_personal: bool,
}

/// A member of a question that holds one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, which is that of the operation's parameter.
    pub name: &'static str,
    /// Its type in the XML schemas, with the prefix `k` for those of the hub's messages.
    pub kind: &'static str,
    /// Whether it may not be left out.
    pub is_needed: bool,
}

const fn needed(name: &'static str, kind: &'static str) -> Parameter {
    Parameter { name, kind, is_needed: true }
}

const fn optional(name: &'static str, kind: &'static str) -> Parameter {
    Parameter { name, kind, is_needed: false }
}

const CHECKPOINT: Parameter = needed("checkpoint", "k:Checkpoint");

/// Every service.
pub const SERVICES: &[Service] = &[
    Service {
        code: "RecordCheckpointEvents_v1",
        operation: "record_events",
        title_uk: "Запис подій у пункті пропуску",
        title_en: "Records checkpoint events",
        parameters: &[CHECKPOINT],
        message: Some("events"),
        answer: "event_answers",
        is_personal: false,
    },
    Service {
        code: "GetCheckpointEvents_v1",
        operation: "list_events",
        title_uk: "Події, записані в пункті пропуску",
        title_en: "Lists what was stated at a checkpoint",
        parameters: &[
            CHECKPOINT,
            optional("after", "xs:long"),
            optional("limit", "xs:int"),
            optional("unmatched", "xs:boolean"),
        ],
        message: None,
        answer: "recorded_events",
        is_personal: true,
    },
    Service {
        code: "GetQueue_v1",
        operation: "show_queue",
        title_uk: "Черга очікування пункту пропуску",
        title_en: "Shows the waiting queue of a checkpoint",
        parameters: &[CHECKPOINT, optional("lane", "xs:string")],
        message: None,
        answer: "queue",
        is_personal: false,
    },
    Service {
        code: "GetCallList_v1",
        operation: "show_call_list",
        title_uk: "Перелік викликаних транспортних засобів",
        title_en: "Shows who is called to a checkpoint",
        parameters: &[CHECKPOINT],
        message: None,
        answer: "call_list",
        is_personal: true,
    },
    Service {
        code: "CheckAdmission_v1",
        operation: "ask_admission",
        title_uk: "Перевірка допуску на в’їзді",
        title_en: "Asks whether a vehicle may enter",
        parameters: &[CHECKPOINT],
        message: Some("admission_query"),
        answer: "admission",
        is_personal: false,
    },
    Service {
        code: "GetCrossing_v1",
        operation: "show_crossing",
        title_uk: "Перетин: етапи та їхній час",
        title_en: "Shows a crossing with its stages",
        parameters: &[needed("crossing", "k:Id")],
        message: None,
        answer: "crossing",
        is_personal: true,
    },
    Service {
        code: "GetOutages_v1",
        operation: "list_outages",
        title_uk: "Збої та планові роботи",
        title_en: "Lists outages",
        parameters: &[optional("open", "xs:boolean"), optional("after", "k:Id"), optional("limit", "xs:int")],
        message: None,
        answer: "outage_page",
        is_personal: false,
    },
];

/// The service of a code and, if the request names one, a version.
#[must_use]
pub fn find(code: &str, version: Option<&str>) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.code == code && version.is_none_or(|version| version == VERSION))
}
