//! `kordon trembita call`: the answer, what is said beside it, and how the command ends.

use std::io::Write;
use std::process::{Command, Stdio};

use kordon_testing::security_server::{Heard, Said as Answered};

use crate::process::{Said, Site};
use crate::trembita::Way;

const CLIENT: &str = "SEVDEIR-TEST/GOV/20000090/KORDON_cons";
const SERVICE: &str = "SEVDEIR-TEST/GOV/00000099/99_queue_prod/GetQueue_v1";

/// The command with the options of the server.
fn call(site: &Site, way: &Way, arguments: &[&str]) -> Command {
    let file = |name: &str| way.files.path().join(name).display().to_string();
    let mut command = site.command(&["trembita", "call", "--client", CLIENT]);
    command.args(["--address", &way.server.url(), "--ca-file", &file("ca.pem")]);
    command.args(["--certificate", &file("client.pem"), "--key", &file("client.key")]).args(arguments);
    command
}

/// The question of SOAP with the body of an answer in place of its own.
fn echoed(heard: &Heard) -> Answered {
    let text = String::from_utf8(heard.body.clone()).unwrap();
    let text =
        text.replace("<GetQueue_v1/>", "<GetQueue_v1Response><waiting>7</waiting></GetQueue_v1Response>");
    xml(200, &text)
}

fn xml(status: u16, text: &str) -> Answered {
    Answered::Answer(
        status,
        vec![("Content-Type".into(), "text/xml; charset=utf-8".into())],
        text.as_bytes().to_vec(),
    )
}

/// Writes to the standard input of a command.
fn told(mut command: Command, input: &str) -> (Option<i32>, String, String) {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_question_by_soap_is_read_from_standard_input_and_its_answer_printed() {
    let (site, way) = (Site::private(), Way::answering(echoed));
    let asked =
        call(&site, &way, &[SERVICE, "--body", "-", "--id", "q-1", "--user-id", "UA1", "--issue", "case 7"]);
    let (code, output, error) = told(asked, "<GetQueue_v1/>");
    assert_eq!(code, Some(0), "{error}");
    assert!(output.starts_with("<?xml") && output.contains("<waiting>7</waiting>"), "{output}");
    assert_eq!(
        error,
        format!(
            "answered      {SERVICE}\nid            q-1\n\
             compared      client, service, id, userId, issue, protocolVersion\nrequest hash  none came\n"
        )
    );
    let heard = String::from_utf8(way.server.heard()[0].body.clone()).unwrap();
    for part in ["<xro:id>q-1</xro:id>", "<xro:userId>UA1</xro:userId>", "<xro:issue>case 7</xro:issue>"] {
        assert!(heard.contains(part), "{heard}");
    }
    assert!(!site.data().exists(), "it needs no hub");
}

#[test]
fn a_question_by_rest_says_its_headers_and_prints_the_bytes_that_came() {
    let (site, way) = (
        Site::private(),
        Way::answering(|heard: &Heard| {
            let id = heard.header("uxp-queryid").unwrap().to_owned();
            Answered::Answer(
                201,
                vec![("Uxp-QueryID".into(), id), ("uxp-transaction-id".into(), "t-1".into())],
                b"{\"a\":1}".to_vec(),
            )
        }),
    );
    let file = site.file("body.json");
    std::fs::write(&file, "{}").unwrap();
    let service = "SEVDEIR-TEST/GOV/00000099/99_people_prod/people/1";
    let said = Said::by(&mut call(
        &site,
        &way,
        &[
            service,
            "--by",
            "uxp",
            "--path",
            "/people?x=1",
            "--body",
            file.to_str().unwrap(),
            "--header",
            "Idempotency-Key: k-1",
            "--purpose",
            "P1",
            "--subject",
            "1234567036",
            "--id",
            "q-2",
        ],
    ));
    assert_eq!((said.code, said.output.as_str()), (Some(0), "{\"a\":1}\n"), "{}", said.error);
    assert_eq!(
        said.error,
        format!(
            "answered      {service}, HTTP 201\nid            q-2\nrequest id    t-1\ncompared      uxp-queryid\nrequest hash  none came\n"
        )
    );
    let heard = &way.server.heard()[0];
    assert_eq!((heard.method.as_str(), heard.target.as_str()), ("POST", "/restapi/people?x=1"));
    for (name, value) in [
        ("uxp-client", CLIENT),
        ("uxp-service", service),
        ("idempotency-key", "k-1"),
        ("uxp-purpose-ids", "P1"),
    ] {
        assert_eq!(heard.header(name), Some(value));
    }
}

#[test]
fn files_go_beside_a_question_and_those_of_its_answer_are_kept() {
    let site = Site::private();
    // The question comes back with its attachments.
    let way = Way::answering(|heard: &Heard| {
        let text = String::from_utf8(heard.body.clone()).unwrap();
        let answer = "<GetQueue_v1Response><waiting>7</waiting></GetQueue_v1Response>";
        let headers = vec![("Content-Type".into(), heard.header("content-type").unwrap().to_owned())];
        Answered::Answer(200, headers, text.replace("<GetQueue_v1/>", answer).into_bytes())
    });
    let (scan, folder) = (site.file("scan.pdf"), site.file("answers"));
    std::fs::write(&scan, "a scan").unwrap();
    std::fs::create_dir(&folder).unwrap();
    let (scan, folder) = (scan.display().to_string(), folder.display().to_string());
    let attach = format!("{scan};type=application/pdf");
    let arguments = [SERVICE, "--body", "-", "--attach", &attach, "--save-attachments", &folder];
    let (code, _, error) = told(call(&site, &way, &arguments), "<GetQueue_v1/>");
    assert_eq!(code, Some(0), "{error}");
    assert!(error.contains(&format!("application/pdf, 6 bytes, {folder}/attachment-1")), "{error}");
    assert_eq!(std::fs::read_to_string(format!("{folder}/attachment-1")).unwrap(), "a scan");
    // What is there is not written over, and by REST there are none.
    let (code, _, error) = told(call(&site, &way, &arguments), "<GetQueue_v1/>");
    assert!(code == Some(1) && error.contains("attachment-1 cannot be written"), "{error}");
    let (code, _, error) = told(call(&site, &way, &[SERVICE, "--by", "uxp", "--attach", &scan]), "");
    assert!(code == Some(1) && error.contains("by SOAP only"), "{error}");
}

#[test]
fn the_command_ends_by_what_came_of_the_question() {
    let site = Site::private();
    let fault = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault>\
                 <faultcode>server.serverproxy.access_denied</faultcode><faultstring>no right</faultstring>\
                 <detail><faultDetail>log-1</faultDetail></detail></s:Fault></s:Body></s:Envelope>";
    type Scenario = (i32, &'static str, Box<dyn Fn(&Heard) -> Answered + Send + Sync>);
    let scenarios: Vec<Scenario> = vec![
        (3, "no right\n  id: q-3\n  detail: log-1", Box::new(move |_| xml(500, fault))),
        (
            3,
            "refused: not_found: nothing",
            Box::new(|heard| {
                let Answered::Answer(_, _, text) = echoed(heard) else { unreachable!() };
                let within =
                    "<fault><faultCode>not_found</faultCode><faultString>nothing</faultString></fault>";
                xml(200, &String::from_utf8(text).unwrap().replace("<waiting>7</waiting>", within))
            }),
        ),
        (
            4,
            "the answer is to another question: id differ",
            Box::new(|heard| {
                let Answered::Answer(_, _, text) = echoed(heard) else { unreachable!() };
                xml(200, &String::from_utf8(text).unwrap().replace("q-3", "q-4"))
            }),
        ),
        (4, "can't be read", Box::new(|_| xml(200, "no XML"))),
        (5, "it may have been done all the same", Box::new(|_| Answered::Nothing)),
    ];
    let file = site.file("body.xml");
    std::fs::write(&file, "<GetQueue_v1/>").unwrap();
    for (code, text, answer) in scenarios {
        let way = Way::answering(answer);
        let said =
            Said::by(&mut call(&site, &way, &[SERVICE, "--body", file.to_str().unwrap(), "--id", "q-3"]));
        assert_eq!(said.code, Some(code), "{}", said.error);
        assert!(said.error.contains(text), "{}", said.error);
    }
    // The service's own refusal by REST is printed, and ends so too.
    let way = Way::answering(|_: &Heard| Answered::Answer(404, Vec::new(), b"nobody".to_vec()));
    let said = Said::by(&mut call(&site, &way, &[SERVICE, "--by", "uxp"]));
    assert_eq!((said.code, said.output.as_str()), (Some(3), "nobody\n"));
    // Nothing was sent.
    let mut away =
        site.command(&["trembita", "call", SERVICE, "--client", CLIENT, "--address", "https://localhost:1"]);
    let said = Said::by(away.args(["--by", "uxp"]));
    assert_eq!(said.code, Some(1));
    assert!(said.error.contains("the security server was not reached"), "{}", said.error);
}

#[test]
fn the_security_server_of_the_settings_is_asked_and_options_go_before() {
    let (site, way) = (Site::private(), Way::answering(echoed));
    let path = |name: &str| way.files.path().join(name).display().to_string();
    let settings = format!(
        "[security_server]\naddress = \"{}\"\nclient = \"{CLIENT}\"\ncertificate = \"{}\"\nkey = \"{}\"\nca_file = \"{}\"\n",
        way.server.url(),
        path("client.pem"),
        path("client.key"),
        path("ca.pem"),
    );
    let file = site.file("kordon.toml");
    std::fs::write(&file, settings).unwrap();
    let config = file.display().to_string();
    let (code, _, error) = told(
        site.command(&["trembita", "call", SERVICE, "--config", &config, "--body", "-"]),
        "<GetQueue_v1/>",
    );
    assert_eq!(code, Some(0), "{error}");
    let other = "SEVDEIR-TEST/GOV/20000090/OTHER_cons";
    let options = [
        "trembita",
        "call",
        SERVICE,
        "--config",
        &config,
        "--body",
        "-",
        "--client",
        other,
        "--request-hash",
        "required",
    ];
    let (code, _, error) = told(site.command(&options), "<GetQueue_v1/>");
    assert_eq!(code, Some(4));
    assert!(error.contains("the answer brings no request hash"), "{error}");
    assert!(String::from_utf8(way.server.heard()[1].body.clone()).unwrap().contains("OTHER_cons"));
    // A metaservice needs no body.
    let list = SERVICE.replace("GetQueue_v1", "listMethods");
    let said = Said::by(&mut site.command(&["trembita", "call", &list, "--config", &config]));
    assert_eq!(said.code, Some(4), "the question itself came back: {}", said.error);
    assert!(
        String::from_utf8(way.server.heard()[2].body.clone())
            .unwrap()
            .contains("<xrd:listMethods xmlns:xrd=")
    );
}

#[test]
fn a_question_that_cannot_be_asked_says_what_is_missing() {
    let site = Site::private();
    for (arguments, told) in [
        (vec![SERVICE], "no security server is named"),
        (vec!["GetQueue_v1"], "a service is INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE[/VERSION]"),
        (
            vec![SERVICE, "--address", "https://localhost:1", "--client", CLIENT],
            "the element that GetQueue_v1 is asked with is missing",
        ),
        (vec![SERVICE, "--address", "http://example.org", "--client", CLIENT], "security_server.address"),
        (
            vec![SERVICE, "--address", "https://localhost:1", "--client", CLIENT, "--body", "/nowhere.xml"],
            "/nowhere.xml cannot be read",
        ),
        (vec![SERVICE, "--header", "nothing"], "a header is `Name: value`"),
    ] {
        let said = Said::by(site.command(&["trembita", "call"]).args(&arguments));
        assert!(!said.succeeded && said.error.contains(told), "{arguments:?}: {}", said.error);
    }
}
