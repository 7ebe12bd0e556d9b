//! The WSDL, by a stranger's judgement: xmllint takes its schemas, and by them each question and each answer.

use std::fs;
use std::process::Command;

use kordon_adapters::trembita::services::{Form, NAMESPACE, SERVICES, Service};
use kordon_adapters::trembita::shapes::{Shapes, xml_of};
use kordon_adapters::trembita::soap::wsdl::wsdl;
use kordon_schemas::examples::examples;
use kordon_schemas::xml::NAMESPACE as MESSAGES;
use roxmltree::Document;

const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";

/// The schemas of the contract, as it is checked in.
fn shapes() -> Shapes {
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/kordon.json");
    Shapes::of_contract(&serde_json::from_str(&fs::read_to_string(contract).unwrap()).unwrap())
}

/// The schemas within the WSDL as files that find each other.
fn schemas(text: &str) -> Vec<(String, String)> {
    let document = Document::parse(text).unwrap();
    let own: Vec<_> = document.descendants().filter(|node| node.has_tag_name((SCHEMA, "schema"))).collect();
    let namespace = |number: usize| own[number].attribute("targetNamespace").unwrap();
    (0..own.len())
        .map(|number| {
            let mut schema = text[own[number].range()].replacen(
                "<xs:schema ",
                &format!("<xs:schema xmlns:k=\"{MESSAGES}\" xmlns:tns=\"{NAMESPACE}\" "),
                1,
            );
            for other in 0..own.len() {
                let import = format!("<xs:import namespace=\"{}\"/>", namespace(other));
                let found =
                    format!("<xs:import namespace=\"{}\" schemaLocation=\"{other}.xsd\"/>", namespace(other));
                schema = schema.replace(&import, &found);
            }
            (namespace(number).to_owned(), schema)
        })
        .collect()
}

/// The example of a message, as it stands in a question or an answer.
fn example_of(form: Form) -> String {
    match form {
        Form::Xml(element) => example(element),
        Form::Json { element, shape } => {
            let known = examples().unwrap();
            xml_of(element, &known.iter().find(|example| example.name == shape).unwrap().json)
        }
    }
}

/// The example of a message in XML, by the name of its element.
fn example(element: &str) -> String {
    let of = |element: &str| {
        examples().unwrap().into_iter().find_map(|example| {
            let xml = example.xml?;
            let (_, root) = xml.split_once("?>")?;
            root.starts_with(&format!("<{element} ")).then(|| root.to_owned())
        })
    };
    match element {
        "events" => format!("<events xmlns=\"{MESSAGES}\">{}</events>", of("event").unwrap()),
        other => of(other).unwrap_or_else(|| panic!("no example of {other}")),
    }
}

fn question(service: &Service) -> String {
    let parameters: String = service
        .parameters
        .iter()
        .map(|parameter| {
            let value = match parameter.kind {
                "k:Checkpoint" => "UA209030",
                "k:Id" => "019a9d2e-7c00-7000-8000-000000000001",
                "xs:long" | "xs:int" => "7",
                "xs:boolean" => "true",
                "xs:date" => "2026-11-21",
                "xs:string" => "all",
                other => panic!("{other}"),
            };
            format!("<{0}>{value}</{0}>", parameter.name)
        })
        .collect();
    let message = service.message.map(example_of).unwrap_or_default();
    let purpose = if service.is_personal { "<purposeID>9K9J65I75ILCLMPDUIRXS</purposeID>" } else { "" };
    format!("<{0} xmlns=\"{NAMESPACE}\">{parameters}{message}{purpose}</{0}>", service.code)
}

fn answers(service: &Service) -> [String; 2] {
    let answer =
        |content: &str| format!("<{0}Response xmlns=\"{NAMESPACE}\">{content}</{0}Response>", service.code);
    let problem = example("problem");
    let fault =
        format!("<fault xmlns=\"\"><faultCode>c</faultCode><faultString>s</faultString>{problem}</fault>");
    [answer(&example_of(service.answer)), answer(&fault)]
}

#[test]
fn xmllint_takes_the_schemas_and_every_question_and_answer() {
    let folder = tempfile::tempdir().unwrap();
    let schemas = schemas(&wsdl("http://localhost/trembita/soap", &shapes()).unwrap());
    for (number, (_, schema)) in schemas.iter().enumerate() {
        fs::write(folder.path().join(format!("{number}.xsd")), schema).unwrap();
    }
    let own = schemas.iter().position(|(namespace, _)| namespace == NAMESPACE).unwrap();
    let judged = |documents: &[String]| {
        for (number, document) in documents.iter().enumerate() {
            fs::write(folder.path().join(format!("{number}.xml")), document).unwrap();
        }
        let names = (0..documents.len()).map(|number| format!("{number}.xml"));
        let mut command = Command::new("xmllint");
        command.args(["--noout", "--nonet", "--schema", &format!("{own}.xsd")]).args(names);
        let output = command.current_dir(folder.path()).output().expect("xmllint");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let right: Vec<String> =
        SERVICES.iter().flat_map(|service| answers(service).into_iter().chain([question(service)])).collect();
    let (taken, told) = judged(&right);
    assert!(taken, "{told}");
    for wrong in [
        right[0].replace("RecordCheckpointEvents", "DropCheckpointEvents"),
        question(&SERVICES[0]).replace("UA209030", "UA20903"),
        question(&SERVICES[0]).replace("<checkpoint>UA209030</checkpoint>", ""),
        question(&SERVICES[1]).replace("purposeID", "purpose"),
    ] {
        assert!(!right.contains(&wrong), "nothing was changed");
        let (taken, _) = judged(std::slice::from_ref(&wrong));
        assert!(!taken, "{wrong}");
    }
}

#[test]
fn each_operation_has_its_messages_headers_and_version() {
    let text = wsdl("http://localhost/?a=1&b=<2>", &shapes()).unwrap();
    let document = Document::parse(&text).unwrap();
    let all = |name: &'static str| document.descendants().filter(move |node| node.has_tag_name((WSDL, name)));
    let codes: Vec<&str> = SERVICES.iter().map(|service| service.code).collect();
    for parent in ["portType", "binding"] {
        let of = all(parent).next().unwrap();
        let own: Vec<_> = of
            .children()
            .filter(|child| child.has_tag_name((WSDL, "operation")))
            .map(|child| child.attribute("name").unwrap())
            .collect();
        assert_eq!(own, codes, "{parent}");
    }
    let versions = document
        .descendants()
        .filter(|node| node.has_tag_name(("http://x-road.eu/xsd/xroad.xsd", "version")));
    assert_eq!(versions.filter(|version| version.text() == Some("v1")).count(), codes.len());
    let soap = "http://schemas.xmlsoap.org/wsdl/soap/";
    let headers = document.descendants().filter(|node| node.has_tag_name((soap, "header"))).count();
    assert_eq!(headers, codes.len() * 2 * 6, "six headers, in and out");
    for part in all("part") {
        let (prefix, name) = part.attribute("element").unwrap().split_once(':').unwrap();
        let namespace = part.lookup_namespace_uri(Some(prefix)).unwrap();
        let declared = document.descendants().any(|node| {
            node.has_tag_name((SCHEMA, "element"))
                && node.attribute("name") == Some(name)
                && node.parent().unwrap().attribute("targetNamespace") == Some(namespace)
        });
        assert!(declared, "{prefix}:{name}");
    }
    let address = document.descendants().find(|node| node.has_tag_name((soap, "address"))).unwrap();
    assert_eq!(address.attribute("location"), Some("http://localhost/?a=1&b=<2>"));
}
