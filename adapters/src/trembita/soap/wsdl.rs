//! The WSDL 1.1 of the services: document/literal, one part a message, the headers of the protocol, the
//! version of each operation. It stands alone: the schemas of the hub's messages stand in it, so that a
//! member needs no other address to read it.

use std::fmt::Write;

use kordon_schemas::XSDS;
use kordon_schemas::xml::{NAMESPACE as MESSAGES, PROBLEM_NAMESPACE as PROBLEMS};
use roxmltree::{Document, Node};

use super::XROAD;
use crate::trembita::services::{Form, NAMESPACE, PURPOSE, Parameter, SERVICES, Service, VERSION};
use crate::trembita::shapes::Shapes;
use crate::trembita::xml::{elements, escaped};

const XML_SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";

/// The headers, in the order in which the protocol's own schema names them.
const HEADERS: [&str; 6] = ["client", "service", "id", "userId", "issue", "protocolVersion"];

/// The schema of a notice in the contract.
const NOTICE_SHAPE: &str = "Notice";

/// The schemas of the headers.
const OF_HEADERS: [&str; 2] = [include_str!("xsd/identifiers.xsd"), include_str!("xsd/headers.xsd")];

/// The WSDL with the address of the endpoint that it names; `shapes` are the schemas of the messages that are
/// JSON elsewhere.
///
/// # Errors
/// When one of the program's own schemas can't be read; the tests keep that from being released.
pub fn wsdl(endpoint: &str, shapes: &Shapes) -> Result<String, roxmltree::Error> {
    let mut text = format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            "\n<wsdl:definitions name=\"Kordon\" targetNamespace=\"{ns}\" xmlns:tns=\"{ns}\" xmlns:k=\"{messages}\"",
            " xmlns:xrd=\"{xroad}\" xmlns:xs=\"{xs}\" xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\"",
            " xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\">\n<wsdl:types>\n",
        ),
        ns = NAMESPACE,
        messages = MESSAGES,
        xroad = XROAD,
        xs = XML_SCHEMA,
    );
    OF_HEADERS.iter().for_each(|schema| text.push_str(schema));
    text.push_str(&merged(PROBLEMS)?);
    text.push_str(&merged(MESSAGES)?);
    text.push_str(&of_services(shapes));
    text.push_str("</wsdl:types>\n");
    write_messages(&mut text);
    write_port(&mut text);
    write_binding(&mut text);
    let _ = write!(
        text,
        concat!(
            "<wsdl:service name=\"Kordon\">\n  <wsdl:port name=\"Kordon\" binding=\"tns:Kordon\">\n",
            "    <soap:address location=\"{}\"/>\n  </wsdl:port>\n</wsdl:service>\n</wsdl:definitions>\n"
        ),
        escaped(endpoint)
    );
    Ok(text)
}

/// All schemas of a namespace as one: within a WSDL there is nothing to include.
fn merged(namespace: &str) -> Result<String, roxmltree::Error> {
    let mut text = format!(
        "<xs:schema xmlns:xs=\"{XML_SCHEMA}\" xmlns=\"{namespace}\" xmlns:problem=\"{PROBLEMS}\" \
         targetNamespace=\"{namespace}\" elementFormDefault=\"qualified\">\n"
    );
    if namespace != PROBLEMS {
        let _ = writeln!(text, "  <xs:import namespace=\"{PROBLEMS}\"/>");
    }
    for (_, schema) in XSDS {
        let document = Document::parse(schema)?;
        let root = document.root_element();
        if root.attribute("targetNamespace") != Some(namespace) {
            continue;
        }
        let speaks_of_files =
            |child: &Node<'_, '_>| matches!(child.tag_name().name(), "include" | "import" | "annotation");
        for declaration in elements(root).filter(|child| !speaks_of_files(child)) {
            let _ = writeln!(text, "  {}", schema.get(declaration.range()).unwrap_or_default());
        }
    }
    text.push_str("</xs:schema>\n");
    Ok(text)
}

/// The schema of the questions and answers.
fn of_services(shapes: &Shapes) -> String {
    let mut text = format!(
        concat!(
            "<xs:schema xmlns:xs=\"{}\" targetNamespace=\"{}\" elementFormDefault=\"qualified\">\n",
            "  <xs:import namespace=\"{}\"/>\n  <xs:import namespace=\"{}\"/>\n",
            "  <xs:complexType name=\"Fault\">\n    <xs:annotation><xs:documentation xml:lang=\"en\">",
            "Why a question was not answered: the code and the text of the problem, and the problem.",
            "</xs:documentation></xs:annotation>\n    <xs:sequence>\n",
            "      <xs:element name=\"faultCode\" type=\"xs:string\" form=\"unqualified\"/>\n",
            "      <xs:element name=\"faultString\" type=\"xs:string\" form=\"unqualified\"/>\n",
            "      <xs:element ref=\"problem:problem\" xmlns:problem=\"{}\"/>\n",
            "    </xs:sequence>\n  </xs:complexType>\n",
        ),
        XML_SCHEMA, NAMESPACE, MESSAGES, PROBLEMS, PROBLEMS
    );
    let forms = SERVICES.iter().flat_map(|service| service.message.into_iter().chain([service.answer]));
    // What subscribers are sent stands with what members are answered.
    let roots: Vec<&str> = forms.filter_map(Form::shape).chain([NOTICE_SHAPE]).collect();
    text.push_str(&shapes.types(&roots));
    for service in SERVICES {
        write_elements(&mut text, service);
    }
    let _ = writeln!(text, "  <xs:element name=\"notice\" type=\"tns:{NOTICE_SHAPE}\"/>");
    text.push_str("</xs:schema>\n");
    text
}

fn write_elements(text: &mut String, service: &Service) {
    let Service { code, parameters, message, answer, is_personal, .. } = service;
    let open = |text: &mut String, name: &str| {
        let _ = writeln!(text, "  <xs:element name=\"{name}\">\n    <xs:complexType>\n      <xs:sequence>");
    };
    let close = "      </xs:sequence>\n    </xs:complexType>\n  </xs:element>\n";
    open(text, code);
    for Parameter { name, kind, is_needed } in *parameters {
        let left_out = if *is_needed { "" } else { " minOccurs=\"0\"" };
        let _ = writeln!(text, "        <xs:element name=\"{name}\" type=\"{kind}\"{left_out}/>");
    }
    if let Some(message) = message {
        let _ = writeln!(text, "        {}", element_of(*message));
    }
    if *is_personal {
        // The header `issue` may name it in its place.
        let _ = writeln!(text, "        <xs:element name=\"{PURPOSE}\" type=\"xs:string\" minOccurs=\"0\"/>");
    }
    text.push_str(close);
    open(text, &format!("{code}Response"));
    let _ = writeln!(
        text,
        "        <xs:choice>\n          {}\n          \
         <xs:element name=\"fault\" type=\"tns:Fault\" form=\"unqualified\"/>\n        </xs:choice>",
        element_of(*answer)
    );
    text.push_str(close);
}

/// The element of a message: one of the hub's own, or one of these services'.
fn element_of(form: Form) -> String {
    match form {
        Form::Xml(element) => format!("<xs:element ref=\"k:{element}\"/>"),
        Form::Json { element, shape } => format!("<xs:element name=\"{element}\" type=\"tns:{shape}\"/>"),
    }
}

fn write_messages(text: &mut String) {
    text.push_str("<wsdl:message name=\"requestheader\">\n");
    for header in HEADERS {
        let _ = writeln!(text, "  <wsdl:part name=\"{header}\" element=\"xrd:{header}\"/>");
    }
    text.push_str("</wsdl:message>\n");
    for Service { code, .. } in SERVICES {
        for name in [(*code).to_owned(), format!("{code}Response")] {
            let _ = writeln!(
                text,
                "<wsdl:message name=\"{name}\">\n  <wsdl:part name=\"body\" element=\"tns:{name}\"/>\n</wsdl:message>"
            );
        }
    }
}

fn write_port(text: &mut String) {
    text.push_str("<wsdl:portType name=\"Kordon\">\n");
    for Service { code, title_uk, title_en, .. } in SERVICES {
        let _ = writeln!(
            text,
            concat!(
                "  <wsdl:operation name=\"{code}\">\n    <wsdl:documentation>\n",
                "      <xrd:title xml:lang=\"uk\">{uk}</xrd:title>\n      <xrd:title xml:lang=\"en\">{en}</xrd:title>\n",
                "    </wsdl:documentation>\n    <wsdl:input message=\"tns:{code}\"/>\n",
                "    <wsdl:output message=\"tns:{code}Response\"/>\n  </wsdl:operation>"
            ),
            code = code,
            uk = escaped(title_uk),
            en = escaped(title_en),
        );
    }
    text.push_str("</wsdl:portType>\n");
}

fn write_binding(text: &mut String) {
    text.push_str(
        "<wsdl:binding name=\"Kordon\" type=\"tns:Kordon\">\n  \
         <soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n",
    );
    let mut side = String::from("      <soap:body parts=\"body\" use=\"literal\"/>\n");
    for header in HEADERS {
        let _ = writeln!(
            side,
            "      <soap:header message=\"tns:requestheader\" part=\"{header}\" use=\"literal\"/>"
        );
    }
    for Service { code, .. } in SERVICES {
        let _ = writeln!(
            text,
            concat!(
                "  <wsdl:operation name=\"{code}\">\n    <soap:operation soapAction=\"\" style=\"document\"/>\n",
                "    <xrd:version>{version}</xrd:version>\n    <wsdl:input>\n{side}    </wsdl:input>\n",
                "    <wsdl:output>\n{side}    </wsdl:output>\n  </wsdl:operation>"
            ),
            code = code,
            version = VERSION,
            side = side,
        );
    }
    text.push_str("</wsdl:binding>\n");
}
