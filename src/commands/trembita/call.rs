//! `kordon trembita call`: one question to one service.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use kordon_adapters::trembita::consumer::address::service;
use kordon_adapters::trembita::consumer::{
    CallFault, Consumer, HashOutcome, RequestHashRule, RestAnswer, RestDialect, RestQuestion,
    SecurityServerSettings, ServiceCall, SoapAnswer,
};
use kordon_adapters::trembita::soap::XROAD;
use kordon_adapters::trembita::soap::attachments::Enclosure;
use kordon_adapters::trembita::soap::identifiers::ServiceId;
use reqwest::Method;

use crate::commands::{Ended, Place, runtime, say_error};

/// Bytes of a body that is sent. X-Road's message log takes no more by default.
const LARGEST_BODY: u64 = 10 << 20;

/// The service refused, or somebody on the way.
const REFUSED: u8 = 3;

/// Something came back that does not count as an answer.
const NO_PROOF: u8 = 4;

/// It was sent, and nothing whole came back.
const NO_ANSWER: u8 = 5;

/// How to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    /// SOAP, X-Road message protocol 4.0, which UXP speaks too.
    Soap,
    /// REST as X-Road has it: `/r1/…`, `X-Road-Client`.
    Xroad,
    /// REST as UXP has it: `/restapi/…`, `Uxp-Client`, `Uxp-Service`.
    Uxp,
}

/// What is done about the hash of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Rule {
    /// An answer without one is refused too.
    Required,
    /// One that is there has to hold.
    Checked,
    /// What it came to is told.
    Told,
}

/// Asks a service once.
#[derive(Debug, clap::Args)]
pub(in crate::commands) struct Call {
    /// The service: INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE[/VERSION], each part percent-encoded where it has
    /// to be.
    #[arg(value_parser = a_service)]
    service: ServiceId,
    /// How to ask.
    #[arg(long, value_enum, default_value = "soap")]
    by: By,
    /// A file with the body, or - for standard input. By SOAP the element that stands in the Body; the
    /// metaservices need none.
    #[arg(long)]
    body: Option<PathBuf>,
    /// The id of the message; by default a new one.
    #[arg(long)]
    id: Option<String>,
    /// The person at whose wish it is asked: UA1234567890.
    #[arg(long)]
    user_id: Option<String>,
    /// The case or document that is the cause.
    #[arg(long)]
    issue: Option<String>,
    #[command(flatten)]
    beside: Beside,
    #[command(flatten)]
    rest: Rest,
    #[command(flatten)]
    server: Server,
}

/// What goes beside a message of SOAP.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "By SOAP")]
struct Beside {
    /// A file to send beside the message, FILE or FILE;type=MEDIA/TYPE. The message names it as `cid:` and
    /// the file's name; where it includes it (xop:Include), the message is sent as MTOM. May stand more than
    /// once.
    #[arg(long, value_name = "FILE[;type=MEDIA/TYPE]")]
    attach: Vec<String>,
    /// A folder for the attachments of the answer: attachment-1 and so on. A file that is there is not
    /// written over.
    #[arg(long, value_name = "FOLDER")]
    save_attachments: Option<PathBuf>,
}

/// What is said by REST only.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "By REST")]
struct Rest {
    /// GET, POST and so on; by default GET, or POST with a body.
    #[arg(long)]
    method: Option<Method>,
    /// What follows the address of the service: /people?name=Ада.
    #[arg(long, default_value = "")]
    path: String,
    /// A header of the service's own, `Name: value`. May stand more than once.
    #[arg(long, value_parser = a_header)]
    header: Vec<(String, String)>,
    /// The media type of the body.
    #[arg(long, default_value = "application/json")]
    content_type: String,
    /// The ids of the purposes (UXP).
    #[arg(long)]
    purpose: Option<String>,
    /// The person whose data is asked for (UXP).
    #[arg(long)]
    subject: Option<String>,
}

/// The security server, where the settings do not name it or name another.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The security server, in place of `security_server` of the settings")]
struct Server {
    /// Its address.
    #[arg(long)]
    address: Option<String>,
    /// Who asks: INSTANCE/CLASS/CODE[/SUBSYSTEM].
    #[arg(long)]
    client: Option<String>,
    /// The certificate to show it, PEM.
    #[arg(long)]
    certificate: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long)]
    key: Option<PathBuf>,
    /// The authorities that may have signed the server's certificate, PEM.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// The server's own certificate, where it signed that itself, PEM.
    #[arg(long, conflicts_with = "ca_file")]
    pinned: Option<PathBuf>,
    /// What is done about the hash of the request.
    #[arg(long, value_enum)]
    request_hash: Option<Rule>,
}

impl Call {
    /// Carries it out.
    pub(super) fn run(self, place: &Place) -> anyhow::Result<()> {
        let Self { service, by, body, id, user_id, issue, beside, rest, server } = self;
        let settings = server.over(place.settings()?.security_server)?;
        let consumer = Consumer::open(&settings)?;
        let body = body.as_deref().map(read).transpose()?;
        let asked = ServiceCall { user_id, issue, ..ServiceCall::of(service) };
        let asked = ServiceCall { id: id.unwrap_or(asked.id), ..asked };
        let runtime = runtime()?;
        anyhow::ensure!(by == By::Soap || beside.is_empty(), "attachments go and come by SOAP only");
        match by {
            By::Soap => {
                let body = body.map_or_else(|| of_metaservice(&asked.service), Ok)?;
                let enclosures = beside.enclosures()?;
                let answer = runtime.block_on(consumer.ask_by_soap_with(&asked, &body, &enclosures));
                told_by_soap(&asked, answer, beside.save_attachments.as_deref())
            }
            By::Xroad => {
                let question = rest.question(asked, RestDialect::Xroad, body);
                told_by_rest(&question.asked, runtime.block_on(consumer.ask_by_rest(&question)))
            }
            By::Uxp => {
                let question = rest.question(asked, RestDialect::Uxp, body);
                told_by_rest(&question.asked, runtime.block_on(consumer.ask_by_rest(&question)))
            }
        }
    }
}

impl Beside {
    fn is_empty(&self) -> bool {
        let Self { attach, save_attachments } = self;
        attach.is_empty() && save_attachments.is_none()
    }

    fn enclosures(&self) -> anyhow::Result<Vec<Enclosure>> {
        let read_one = |named: &String| {
            let (file, media_type) =
                named.split_once(";type=").unwrap_or((named, "application/octet-stream"));
            let name = Path::new(file).file_name().and_then(OsStr::to_str).unwrap_or_default();
            Enclosure::new(name, media_type, read(Path::new(file))?).map_err(anyhow::Error::msg)
        };
        self.attach.iter().map(read_one).collect()
    }
}

impl Rest {
    fn question(self, asked: ServiceCall, dialect: RestDialect, body: Option<Vec<u8>>) -> RestQuestion {
        let Self { method, path, header, content_type, purpose, subject } = self;
        let usual = if body.is_some() { Method::POST } else { Method::GET };
        RestQuestion {
            asked,
            dialect,
            method: method.unwrap_or(usual),
            path,
            headers: header,
            body: body.map(|body| (content_type, body)),
            purpose,
            subject,
        }
    }
}

impl Server {
    /// The server of the settings with what is said here instead.
    fn over(self, settings: Option<SecurityServerSettings>) -> anyhow::Result<SecurityServerSettings> {
        let Self { address, client, certificate, key, ca_file, pinned, request_hash } = self;
        let mut settings = match (settings, &address, &client) {
            (Some(settings), _, _) => settings,
            (None, Some(address), Some(client)) => SecurityServerSettings::new(address, client),
            (None, _, _) => anyhow::bail!(
                "no security server is named: set `security_server` in the settings, or give --address and --client"
            ),
        };
        settings.address = address.unwrap_or(settings.address);
        settings.client = client.unwrap_or(settings.client);
        settings.certificate = certificate.or(settings.certificate);
        settings.key = key.or(settings.key);
        // One stands in place of the other.
        match (ca_file, pinned) {
            (None, None) => {}
            (ca_file, pinned) => (settings.ca_file, settings.pinned) = (ca_file, pinned),
        }
        settings.request_hash = match request_hash {
            None => settings.request_hash,
            Some(Rule::Required) => RequestHashRule::Required,
            Some(Rule::Checked) => RequestHashRule::Checked,
            Some(Rule::Told) => RequestHashRule::Told,
        };
        Ok(settings)
    }
}

fn told_by_soap(
    asked: &ServiceCall,
    answer: Result<SoapAnswer, CallFault>,
    folder: Option<&Path>,
) -> anyhow::Result<()> {
    let SoapAnswer { message, attachments, request_hash, refused, sent: _ } =
        answer.map_err(|fault| ended(asked, &fault))?;
    print(message.text().as_bytes())?;
    say_error(&format!("answered      {}", asked.service));
    say_error(&format!("id            {}", message.header.id));
    say_error("compared      client, service, id, userId, issue, protocolVersion");
    say_error(&format!("request hash  {}", of_hash(&request_hash)));
    for (number, attachment) in (1..).zip(&attachments) {
        let media_type =
            attachment.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media_type = media_type.map_or("of no type", |(_, value)| value.as_str());
        let kept = match folder {
            None => "not shown".to_owned(),
            Some(folder) => save(folder, number, &attachment.content)?.display().to_string(),
        };
        say_error(&format!("attachment    {media_type}, {} bytes, {kept}", attachment.content.len()));
    }
    match refused {
        None => Ok(()),
        Some(refused) => Err(Ended::with(REFUSED, format!("refused: {}: {}", refused.code, refused.text))),
    }
}

fn told_by_rest(asked: &ServiceCall, answer: Result<RestAnswer, CallFault>) -> anyhow::Result<()> {
    let answer = answer.map_err(|fault| ended(asked, &fault))?;
    print(&answer.body)?;
    say_error(&format!("answered      {}, HTTP {}", asked.service, answer.status));
    say_error(&format!("id            {}", asked.id));
    if let Some(id) = &answer.request_id {
        say_error(&format!("request id    {id}"));
    }
    let compared = if answer.compared.is_empty() {
        "nothing: no header came back".into()
    } else {
        answer.compared.join(", ")
    };
    say_error(&format!("compared      {compared}"));
    say_error(&format!("request hash  {}", of_hash(&answer.request_hash)));
    if answer.is_success() {
        return Ok(());
    }
    Err(Ended::with(REFUSED, format!("refused by the service: HTTP {}", answer.status)))
}

fn of_hash(outcome: &HashOutcome) -> String {
    match outcome {
        HashOutcome::Holds(algorithm) => format!("holds ({algorithm})"),
        HashOutcome::Absent => "none came".to_owned(),
        HashOutcome::Told(fault) => format!("NOT VERIFIED: {fault}"),
    }
}

/// How the command ends without an answer.
fn ended(asked: &ServiceCall, fault: &CallFault) -> anyhow::Error {
    let code = match fault {
        CallFault::Question(_) | CallFault::NotReached(_) => return anyhow::anyhow!("{fault}"),
        CallFault::Fault(_) => REFUSED,
        CallFault::NoAnswer(_) => NO_ANSWER,
        CallFault::TooLarge(_)
        | CallFault::Redirected(_)
        | CallFault::Http { .. }
        | CallFault::Unreadable(_)
        | CallFault::Mismatch(_)
        | CallFault::Hash(_) => NO_PROOF,
    };
    let detail = match fault {
        CallFault::Fault(fault) => fault.detail.as_ref().map(|detail| format!("\n  detail: {detail}")),
        CallFault::Question(_)
        | CallFault::NotReached(_)
        | CallFault::NoAnswer(_)
        | CallFault::TooLarge(_)
        | CallFault::Redirected(_)
        | CallFault::Http { .. }
        | CallFault::Unreadable(_)
        | CallFault::Mismatch(_)
        | CallFault::Hash(_) => None,
    };
    let done = if fault.may_have_been_done() { "; it may have been done all the same" } else { "" };
    let text = format!("{fault}{done}\n  id: {}{}", asked.id, detail.unwrap_or_default());
    Ended::with(code, text)
}

/// The body of a metaservice that needs nothing but its name.
fn of_metaservice(service: &ServiceId) -> anyhow::Result<Vec<u8>> {
    let code = &service.service_code;
    anyhow::ensure!(
        ["listMethods", "allowedMethods"].contains(&code.as_str()),
        "the element that {code} is asked with is missing: give --body FILE, or --body - and write it to standard input"
    );
    Ok(format!("<xrd:{code} xmlns:xrd=\"{XROAD}\"/>").into_bytes())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let unreadable = || format!("{} cannot be read", file.display());
    let mut body = Vec::new();
    let limit = LARGEST_BODY + 1;
    if file == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut body)
            .context("standard input cannot be read")?;
    } else {
        let opened = std::fs::File::open(file).with_context(unreadable)?;
        opened.take(limit).read_to_end(&mut body).with_context(unreadable)?;
    }
    anyhow::ensure!(
        u64::try_from(body.len()).unwrap_or(u64::MAX) <= LARGEST_BODY,
        "{} has more than {LARGEST_BODY} bytes",
        file.display()
    );
    Ok(body)
}

/// Writes an attachment into the folder under a name that the answer has no say in.
fn save(folder: &Path, number: usize, content: &[u8]) -> anyhow::Result<PathBuf> {
    let file = folder.join(format!("attachment-{number}"));
    std::fs::File::create_new(&file)
        .and_then(|mut new| new.write_all(content))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(file)
}

/// Prints bytes as they are, with a line end behind them for people.
fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.write_all(b"\n")).context("the answer cannot be printed")
}

fn a_service(text: &str) -> Result<ServiceId, String> {
    service(text).ok_or_else(|| "a service is INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE[/VERSION]".to_owned())
}

fn a_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is `Name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
