//! The services that the hub provides to members of Trembita by SOAP, named by Trembita's convention. Each is
//! an operation of the contract: the same right, the same rules, the same messages. The door that serves them
//! and the WSDL are made from this list.

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
    /// The message that it takes.
    pub message: Option<Form>,
    /// The message that it answers.
    pub answer: Form,
    /// Whether it shows persons or movements, so that a purpose is needed.
    pub is_personal: bool,
}

/// A message, as it stands in a question or an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// This element of the hub's XML schemas.
    Xml(&'static str),
    /// One that the contract has as JSON only, as an element of the services' own namespace.
    Json {
        /// The element.
        element: &'static str,
        /// The name of its schema in the contract.
        shape: &'static str,
    },
}

impl Form {
    /// The name of its element.
    #[must_use]
    pub const fn element(self) -> &'static str {
        match self {
            Self::Xml(element) | Self::Json { element, shape: _ } => element,
        }
    }

    /// The name of its schema, if it is JSON.
    #[must_use]
    pub const fn shape(self) -> Option<&'static str> {
        match self {
            Self::Xml(_) => None,
            Self::Json { element: _, shape } => Some(shape),
        }
    }
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
        message: Some(Form::Xml("events")),
        answer: Form::Xml("event_answers"),
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
        answer: Form::Xml("recorded_events"),
        is_personal: true,
    },
    Service {
        code: "GetQueue_v1",
        operation: "show_queue",
        title_uk: "Черга очікування пункту пропуску",
        title_en: "Shows the waiting queue of a checkpoint",
        parameters: &[CHECKPOINT, optional("lane", "xs:string")],
        message: None,
        answer: Form::Xml("queue"),
        is_personal: false,
    },
    Service {
        code: "GetCallList_v1",
        operation: "show_call_list",
        title_uk: "Перелік викликаних транспортних засобів",
        title_en: "Shows who is called to a checkpoint",
        parameters: &[CHECKPOINT],
        message: None,
        answer: Form::Xml("call_list"),
        is_personal: true,
    },
    Service {
        code: "CheckAdmission_v1",
        operation: "ask_admission",
        title_uk: "Перевірка допуску на в’їзді",
        title_en: "Asks whether a vehicle may enter",
        parameters: &[CHECKPOINT],
        message: Some(Form::Xml("admission_query")),
        answer: Form::Xml("admission"),
        is_personal: false,
    },
    Service {
        code: "GetCrossing_v1",
        operation: "show_crossing",
        title_uk: "Перетин: етапи та їхній час",
        title_en: "Shows a crossing with its stages",
        parameters: &[needed("crossing", "k:Id")],
        message: None,
        answer: Form::Xml("crossing"),
        is_personal: true,
    },
    Service {
        code: "GetOutages_v1",
        operation: "list_outages",
        title_uk: "Збої та планові роботи",
        title_en: "Lists outages",
        parameters: &[optional("open", "xs:boolean"), optional("after", "k:Id"), optional("limit", "xs:int")],
        message: None,
        answer: Form::Xml("outage_page"),
        is_personal: false,
    },
    Service {
        code: "GetDirectedVehicles_v1",
        operation: "list_directed_vehicles",
        title_uk: "Транспортні засоби, направлені до пункту пропуску",
        title_en: "Lists the vehicles directed to a checkpoint",
        parameters: &[CHECKPOINT],
        message: None,
        answer: Form::Json { element: "directed_vehicles", shape: "DirectedVehicles" },
        is_personal: true,
    },
    Service {
        code: "GetPredictedEntries_v1",
        operation: "list_predicted_entries",
        title_uk: "Очікуваний час в’їзду",
        title_en: "Lists the predicted entries of those who wait",
        parameters: &[CHECKPOINT],
        message: None,
        answer: Form::Json { element: "predicted_entries", shape: "PredictedEntries" },
        is_personal: false,
    },
    Service {
        code: "GetCheckpoints_v1",
        operation: "list_checkpoints",
        title_uk: "Автомобільні пункти пропуску",
        title_en: "Lists the road checkpoints",
        parameters: &[],
        message: None,
        answer: Form::Json { element: "checkpoints", shape: "Checkpoints" },
        is_personal: false,
    },
    Service {
        code: "GetFigures_v1",
        operation: "show_figures",
        title_uk: "Показники роботи черги",
        title_en: "Shows the figures of a period",
        parameters: &[
            needed("from", "xs:date"),
            needed("to", "xs:date"),
            optional("checkpoint", "k:Checkpoint"),
            optional("by", "xs:string"),
            optional("by_lane", "xs:boolean"),
        ],
        message: None,
        answer: Form::Json { element: "figure_report", shape: "FigureReport" },
        is_personal: false,
    },
    Service {
        code: "RegisterTicket_v1",
        operation: "register_ticket",
        title_uk: "Реєстрація запиту до служби підтримки",
        title_en: "Registers a ticket of the support service",
        parameters: &[],
        message: Some(Form::Json { element: "ticket", shape: "TicketIn" }),
        answer: Form::Json { element: "ticket_summary", shape: "TicketSummary" },
        is_personal: false,
    },
    Service {
        code: "GetTicket_v1",
        operation: "show_ticket",
        title_uk: "Запит до служби підтримки",
        title_en: "Shows a ticket of the support service",
        parameters: &[needed("ticket", "k:Id")],
        message: None,
        answer: Form::Json { element: "ticket", shape: "Ticket" },
        is_personal: true,
    },
    Service {
        code: "RequestPermit_v1",
        operation: "file_permit_request",
        title_uk: "Запит митниці відправлення на процедуру забезпечення безперервної роботи",
        title_en: "Files a departure office's request for the continuity procedure",
        parameters: &[],
        message: Some(Form::Json { element: "permit_request", shape: "PermitRequestIn" }),
        answer: PERMIT_REQUEST,
        is_personal: false,
    },
    Service {
        code: "GetPermitRequest_v1",
        operation: "show_permit_request",
        title_uk: "Запит на процедуру забезпечення безперервної роботи та дозвіл за ним",
        title_en: "Shows a request for the continuity procedure, and its permit",
        parameters: &[needed("request", "k:Id")],
        message: None,
        answer: Form::Json { element: "permit_request", shape: "PermitRequest" },
        is_personal: true,
    },
    Service {
        code: "CheckPermit_v1",
        operation: "check_permit",
        title_uk: "Перевірка дозволу на процедуру забезпечення безперервної роботи",
        title_en: "Checks a permit of the continuity procedure",
        parameters: &[needed("number", "xs:string"), optional("edrpou", "xs:string")],
        message: None,
        answer: Form::Json { element: "permit_check", shape: "PermitCheck" },
        is_personal: false,
    },
    Service {
        code: "RecordPermitUse_v1",
        operation: "report_permit",
        title_uk: "Використання дозволу або причина невикористання",
        title_en: "Records the uses of a permit, or why there was none",
        parameters: &[needed("number", "xs:string")],
        message: Some(Form::Json { element: "permit_report", shape: "PermitReportIn" }),
        answer: PERMIT_REQUEST,
        is_personal: false,
    },
    Service {
        code: "RecordWithdrawal_v1",
        operation: "state_withdrawal",
        title_uk: "Транзитні дані, які відкликаються з NCTS",
        title_en: "Records transit data to withdraw from NCTS",
        parameters: &[needed("request", "k:Id")],
        message: Some(Form::Json { element: "withdrawal", shape: "DataToWithdraw" }),
        answer: PERMIT_REQUEST,
        is_personal: false,
    },
];

/// Where a request for the continuity procedure stands.
const PERMIT_REQUEST: Form = Form::Json { element: "permit_request_summary", shape: "PermitRequestSummary" };

/// The service of a code and, if the request names one, a version.
#[must_use]
pub fn find(code: &str, version: Option<&str>) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.code == code && version.is_none_or(|version| version == VERSION))
}
