//! The services that tell of services: which there are, which the asker may use, and how they are described.

use std::fmt::Write;

use roxmltree::Node;

use super::faults::{FaultCode, Refusal};
use super::header::Header;
use super::message::Tree;
use super::multipart;
use super::{IDENTIFIERS, XROAD};
use crate::trembita::services::{Service, VERSION, find};
use crate::trembita::xml::{elements, escaped, text_of};

/// A metaservice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metaservice {
    /// Which services there are.
    ListMethods,
    /// Which of them the asker may use.
    AllowedMethods,
    /// How one of them is described.
    GetWsdl,
}

impl Metaservice {
    /// The metaservice of a service code. Their codes are reserved.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        match code {
            "listMethods" => Some(Self::ListMethods),
            "allowedMethods" => Some(Self::AllowedMethods),
            "getWsdl" => Some(Self::GetWsdl),
            _ => None,
        }
    }

    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ListMethods => "listMethods",
            Self::AllowedMethods => "allowedMethods",
            Self::GetWsdl => "getWsdl",
        }
    }
}

/// The body of an answer that lists services as those of the provider whom the header asks.
#[must_use]
pub fn listing<'a>(
    metaservice: Metaservice,
    header: &Header,
    services: impl IntoIterator<Item = &'a Service>,
) -> String {
    let code = metaservice.code();
    let mut body = format!("<xrd:{code}Response xmlns:xrd=\"{XROAD}\" xmlns:id=\"{IDENTIFIERS}\">");
    let provider = &header.service.provider;
    for service in services {
        body.push_str("<xrd:service id:objectType=\"SERVICE\">");
        let parts = [
            ("xRoadInstance", Some(provider.instance.as_str())),
            ("memberClass", Some(&provider.member_class)),
            ("memberCode", Some(&provider.member_code)),
            ("subsystemCode", provider.subsystem_code.as_deref()),
            ("serviceCode", Some(service.code)),
            ("serviceVersion", Some(VERSION)),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                let _ = write!(body, "<id:{name}>{}</id:{name}>", escaped(value));
            }
        }
        body.push_str("</xrd:service>");
    }
    let _ = write!(body, "</xrd:{code}Response>");
    body
}

/// The service that a `getWsdl` asks for, and the body of the answer, which says both again.
///
/// # Errors
/// [`FaultCode::InvalidRequest`] without a service code; [`FaultCode::UnknownService`].
pub fn asked_wsdl(tree: &Tree<'_>) -> Result<String, Refusal> {
    let asked = tree.root_element().children().rfind(Node::is_element).and_then(|body| elements(body).next());
    let own = |name: &'static str| {
        let element =
            asked.and_then(|asked| elements(asked).find(|child| child.has_tag_name((XROAD, name))))?;
        Some(text_of(element).unwrap_or_default().trim().to_owned())
    };
    let code = own("serviceCode")
        .ok_or_else(|| Refusal::new(FaultCode::InvalidRequest, "serviceCode is missing"))?;
    let version = own("serviceVersion");
    if find(&code, version.as_deref()).is_none() {
        return Err(Refusal::new(FaultCode::UnknownService, format!("there is no service {code:?}")));
    }
    let mut body = format!(
        "<xrd:getWsdlResponse xmlns:xrd=\"{XROAD}\"><xrd:serviceCode>{}</xrd:serviceCode>",
        escaped(&code)
    );
    if let Some(version) = version {
        let _ = write!(body, "<xrd:serviceVersion>{}</xrd:serviceVersion>", escaped(&version));
    }
    body.push_str("</xrd:getWsdlResponse>");
    Ok(body)
}

/// The address of the endpoint in a WSDL that goes through a security server: the member asks its own server,
/// never ours.
pub const ENDPOINT: &str = "http://example.org/xroad-endpoint";

/// A message with a WSDL as its attachment: the Content-Type and the body. `id` tells the boundary from all
/// other text.
#[must_use]
pub fn with_wsdl(message: &str, wsdl: &str, id: &str) -> (String, Vec<u8>) {
    let boundary = format!("wsdl-{id}");
    let headers = [("Content-Type", "text/xml; charset=UTF-8"), ("Content-Transfer-Encoding", "8bit")];
    let mut body = multipart::Writer::new(&boundary);
    body.part(&headers, message.as_bytes());
    body.part(&headers, wsdl.as_bytes());
    let content_type =
        format!("multipart/related; type=\"text/xml\"; charset=UTF-8; boundary=\"{boundary}\"");
    (content_type, body.finish())
}
