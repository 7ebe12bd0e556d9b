//! Members of Trembita at the door: by SOAP and by REST, through a security server that the hub trusts.

mod consumer;
mod describing;
pub(crate) mod direct;
mod notices;
mod permits;
mod rest;
mod sealing;
mod soap;
mod stamped;
mod strangers;

pub(crate) use consumer::Way;
use kordon_api::trembita::TrembitaSettings;
use kordon_hub::parties::Role;

use crate::hub::{Answer, TestHub};

/// The member that is bound to the border guard's system.
const GUARD: &str = "SEVDEIR-TEST/GOV/00000001/DPSU_cons";

/// A hub that trusts this machine as a security server, with a border guard among the members.
async fn hub() -> TestHub {
    let hub = TestHub::start_for_members(trusting_this_machine()).await;
    bind(&hub, Role::BorderGuard, GUARD).await;
    hub
}

fn trusting_this_machine() -> TrembitaSettings {
    TrembitaSettings { addresses: vec!["127.0.0.1".parse().unwrap()], ..TrembitaSettings::default() }
}

/// Binds a member to the system of a role.
async fn bind(hub: &TestHub, role: Role, member: &str) {
    hub.bind_member(hub.system(role), member).await;
}

/// A request of a member: the headers and the body as the test wants them.
struct Envelope {
    client: String,
    service: String,
    issue: Option<&'static str>,
    more: &'static str,
    body: String,
}

impl Envelope {
    /// The border guard asks a service; `members` stand in the question.
    fn of(service: &str, members: &str) -> Self {
        Self {
            client: GUARD.to_owned(),
            service: service.to_owned(),
            issue: None,
            more: "",
            body: format!(
                "<t:{service} xmlns:t=\"urn:kordon:trembita:1\" xmlns:k=\"urn:kordon:exchange:1\">{members}</t:{service}>"
            ),
        }
    }

    /// A metaservice is asked.
    fn of_metaservice(code: &str, members: &str) -> Self {
        let body = format!("<x:{code} xmlns:x=\"http://x-road.eu/xsd/xroad.xsd\">{members}</x:{code}>");
        Self { body, ..Self::of(code, "") }
    }

    fn by(self, client: &str) -> Self {
        Self { client: client.to_owned(), ..self }
    }

    fn because_of(self, issue: &'static str) -> Self {
        Self { issue: Some(issue), ..self }
    }

    /// What stands between the tags of the Header.
    fn header(&self) -> String {
        let Self { client, service, issue, more, body: _ } = self;
        let names = ["xRoadInstance", "memberClass", "memberCode", "subsystemCode"];
        let client: String = client
            .split('/')
            .zip(names)
            .map(|(part, name)| format!("<id:{name}>{part}</id:{name}>"))
            .collect();
        let issue = issue.map(|issue| format!("<xro:issue>{issue}</xro:issue>")).unwrap_or_default();
        format!(
            "\n  <!-- who asks --><xro:client id:objectType='SUBSYSTEM'>{client}</xro:client>{issue}\n  \
             <xro:service id:objectType=\"SERVICE\"><id:xRoadInstance>SEVDEIR-TEST</id:xRoadInstance>\
             <id:memberClass>GOV</id:memberClass><id:memberCode>20000090</id:memberCode>\
             <id:subsystemCode>KORDON_prod</id:subsystemCode><id:serviceCode>{service}</id:serviceCode></xro:service>\
             <xro:userId>UA1234567890</xro:userId>{more}<xro:id>q-1</xro:id><xro:protocolVersion>4.0</xro:protocolVersion>"
        )
    }

    fn text(&self) -> String {
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xro=\"http://x-road.eu/xsd/xroad.xsd\" \
             xmlns:id=\"http://x-road.eu/xsd/identifiers\"><s:Header>{}</s:Header><s:Body>{}</s:Body></s:Envelope>",
            self.header(),
            self.body
        )
    }

    async fn send(&self, hub: &TestHub) -> Answer {
        hub.post("/trembita/soap").body("text/xml; charset=utf-8", self.text()).send().await
    }
}

/// What stands in the Body of an answer, one element a line, with the ids of the hub's own making left out.
fn body_of(answer: &Answer) -> String {
    let text = answer.text();
    let (_, after) = text.split_once(":Body>").unwrap_or_else(|| panic!("no Body: {text}"));
    let (body, _) = after.rsplit_once("</").unwrap().0.rsplit_once("</").unwrap();
    without_ids(body).replace("><", ">\n<")
}

fn without_ids(text: &str) -> String {
    text.split(['>', '<'])
        .filter(|piece| uuid::Uuid::parse_str(piece).is_ok())
        .fold(text.to_owned(), |text, id| text.replace(id, "[id]"))
}

/// The code and the text of a fault of SOAP.
fn fault_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
    let text = answer.text();
    let of = |name: &str| {
        let (_, after) = text.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name}: {text}"));
        after.split_once("</").unwrap().0.to_owned()
    };
    assert_eq!(of("faultDetail"), answer.header("x-request-id"));
    format!("{}: {}", of("faultcode"), of("faultstring"))
}
