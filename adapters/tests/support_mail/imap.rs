//! The mailboxes of the support service, fetched from a real IMAP server into a real database.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use async_imap::{Client, Session};
use chrono::TimeDelta;
use futures_util::TryStreamExt;
use kordon_adapters::MailReader;
use kordon_adapters::press_office::Password;
use kordon_adapters::support_mail::imap::{Imap, ImapSecurity, MailboxSettings};
use kordon_hub::database::DatabaseSettings;
use kordon_hub::parties::{self, Actor, Role, System};
use kordon_hub::support::mail::metrics::MailboxMetrics;
use kordon_hub::support::mail::polling::{Mailbox, Poller, SetAside};
use kordon_hub::support::mail::{Mail, ReadMail, reading, receive};
use kordon_hub::{Clock, Database};
use kordon_schemas::Edrpou;
use kordon_schemas::messages::{MessageOutcome, ReceivedMessage};
use kordon_testing::TestDatabase;
use prometheus::{Encoder, Registry, TextEncoder};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::imap_server::ImapServer;

const WHOLE: &str = "From: broker@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: ETS\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nЄДРПОУ: 43115923\r\nНазва: Брокер\r\n\
    Контактна особа: Олена\r\n\r\nНе працює.\r\n";

const LACKING: &str =
    "From: other@example.com\r\nMessage-ID: <2@example.com>\r\nSubject: ETS\r\n\r\nHelp.\r\n";

fn mailbox(port: u16, user: &str) -> Imap {
    Imap::to(MailboxSettings {
        host: "127.0.0.1".into(),
        port: Some(port),
        security: ImapSecurity::None,
        ca_file: None,
        user: user.into(),
        password: Password::new("secret".into()),
        handled: "Handled".into(),
    })
    .unwrap()
}

/// A mail program of whoever writes to the mailbox, or looks into it.
async fn program(port: u16, user: &str) -> Session<TcpStream> {
    let mut client = Client::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    client.read_response().await.unwrap().unwrap();
    client.login(user, "secret").await.map_err(|(error, _)| error).unwrap()
}

async fn put(port: u16, user: &str, mail: &str) {
    let mut session = program(port, user).await;
    session.append("INBOX", None, None, mail).await.unwrap();
    session.logout().await.unwrap();
}

/// How many mails are in a folder, the inbox or another.
async fn count(port: u16, user: &str, folder: &str) -> u32 {
    let mut session = program(port, user).await;
    let there: Vec<_> = session.list(None, Some(folder)).await.unwrap().try_collect().await.unwrap();
    let count = if there.is_empty() { 0 } else { session.select(folder).await.unwrap().exists };
    session.logout().await.unwrap();
    count
}

struct Site {
    poller: Poller,
    line_1: Actor,
    registry: Registry,
    _made: TestDatabase,
}

impl Site {
    async fn fresh() -> Self {
        let made = TestDatabase::fresh().await;
        let database = Database::open(DatabaseSettings::new(made.url())).unwrap();
        let clock = Clock::system();
        let sample = parties::sample(Role::SupportLine1, Edrpou::parse("43115923").unwrap(), "Customs");
        let mut connection = database.connection().await.unwrap();
        let System { id, role, scope, .. } =
            parties::add_system(&mut connection, sample, clock.now()).await.unwrap();
        drop(connection);
        let set_aside = SetAside::default();
        let registry = Registry::new();
        let metrics = MailboxMetrics::register(&registry, ["line1@127.0.0.1"]).unwrap();
        let reader = Arc::new(MailReader);
        let poller = Poller { database, clock, reader, records_as: id, set_aside, metrics };
        Self { poller, line_1: Actor { system: id, role, scope }, registry, _made: made }
    }

    /// A metric of line 1's mailbox as Prometheus reads it; `labels` are those beside the mailbox.
    fn metric(&self, name: &str, labels: &str) -> f64 {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let series = format!("kordon_{name}{{mailbox=\"line1@127.0.0.1\"{labels}}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&series));
        line.unwrap_or_else(|| panic!("{series} in {text}")).parse().unwrap()
    }

    async fn incomplete(&self) -> Vec<ReceivedMessage> {
        let mut connection = self.poller.database.connection().await.unwrap();
        reading::incomplete(&mut connection, None, 100).await.unwrap().items
    }

    /// Hands a mail in as the poller does, and goes no further.
    async fn record_only(&self, raw: &str) -> MessageOutcome {
        let mail = MailReader.read(raw.as_bytes()).unwrap();
        let now = self.poller.clock.now();
        let mut connection = self.poller.database.connection().await.unwrap();
        receive(&mut connection, &self.line_1, &mail, now, now).await.unwrap().message.outcome
    }
}

#[tokio::test]
async fn an_inbox_is_emptied_and_what_is_handled_is_put_away() {
    let (server, site) = (ImapServer::start(), Site::fresh().await);
    put(server.port, "line1", WHOLE).await;
    put(server.port, "line1", LACKING).await;
    let mailbox = mailbox(server.port, "line1");
    assert_eq!(site.poller.look(&mailbox).await.unwrap(), 2);
    assert_eq!(count(server.port, "line1", "INBOX").await, 0);
    assert_eq!(count(server.port, "line1", "Handled").await, 2);
    assert_eq!(site.incomplete().await.len(), 1);
    assert_eq!(site.poller.look(&mailbox).await.unwrap(), 0);
    assert_eq!(mailbox.name(), "line1@127.0.0.1");
    assert_eq!(site.metric("mails_recorded_total", ""), 2.0);
    assert_eq!(site.metric("mailbox_looks_total", ",outcome=\"done\""), 2.0);
    assert_eq!(site.metric("mails_set_aside", ""), 0.0);
    let ago =
        site.poller.clock.now().timestamp() as f64 - site.metric("mailbox_last_look_timestamp_seconds", "");
    assert!((-1.0..60.0).contains(&ago), "{ago}");
}

#[tokio::test]
async fn a_mail_that_was_recorded_before_a_crash_is_put_away_and_recorded_no_second_time() {
    let (server, site) = (ImapServer::start(), Site::fresh().await);
    put(server.port, "line1", LACKING).await;
    // The hub recorded it and died before it moved it.
    assert_eq!(site.record_only(LACKING).await, MessageOutcome::Incomplete);
    assert_eq!(site.poller.look(&mailbox(server.port, "line1")).await.unwrap(), 1);
    assert_eq!(count(server.port, "line1", "INBOX").await, 0);
    assert_eq!(site.incomplete().await.len(), 1);
}

#[tokio::test]
async fn where_the_folder_for_handled_mails_takes_none_all_are_recorded_once_and_put_away_later() {
    let (server, mut site) = (ImapServer::start(), Site::fresh().await);
    let hours = Arc::new(AtomicI64::new(0));
    let told = hours.clone();
    site.poller.clock =
        Clock::of(move || Clock::system().now() + TimeDelta::hours(told.load(Ordering::SeqCst)));
    put(server.port, "line1", LACKING).await;
    put(server.port, "line1", &LACKING.replace("<2@", "<3@")).await;
    let mut session = program(server.port, "line1").await;
    session.create("Handled").await.unwrap();
    session.logout().await.unwrap();
    server.takes_mails("line1", "Handled", false);
    let mailbox = mailbox(server.port, "line1");
    let error = site.poller.look(&mailbox).await.unwrap_err().to_string();
    assert!(error.contains("not available"), "{error}");
    assert_eq!(site.metric("mailbox_looks_total", ",outcome=\"failed\""), 1.0);
    assert_eq!(site.metric("mails_set_aside", ""), 2.0);
    assert_eq!(site.incomplete().await.len(), 2, "neither waits for the other");
    assert_eq!(count(server.port, "line1", "INBOX").await, 2);

    server.takes_mails("line1", "Handled", true);
    assert_eq!(site.poller.look(&mailbox).await.unwrap(), 0, "they are set aside for an hour");
    hours.store(1, Ordering::SeqCst);
    assert_eq!(site.poller.look(&mailbox).await.unwrap(), 2);
    assert_eq!(count(server.port, "line1", "INBOX").await, 0);
    assert_eq!(count(server.port, "line1", "Handled").await, 2);
    assert_eq!(site.incomplete().await.len(), 2, "none is recorded twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_and_two_mailboxes_record_a_mail_once() {
    let (server, site) = (ImapServer::start(), Site::fresh().await);
    for user in ["line1", "line2"] {
        put(server.port, user, LACKING).await;
    }
    let (first, second) = (mailbox(server.port, "line1"), mailbox(server.port, "line2"));
    let looks = tokio::join!(
        site.poller.look(&first),
        site.poller.look(&first),
        site.poller.look(&second),
        site.poller.look(&second)
    );
    // Whoever comes second may find a mail gone from under it; nothing is lost by that.
    drop(looks);
    assert_eq!(site.incomplete().await.len(), 1, "the same mail in both mailboxes is one message");
    for mailbox in [&first, &second] {
        site.poller.look(mailbox).await.unwrap();
    }
    assert_eq!(count(server.port, "line1", "INBOX").await + count(server.port, "line2", "INBOX").await, 0);
    assert_eq!(site.incomplete().await.len(), 1);
}

#[tokio::test]
async fn of_a_mail_that_is_too_large_the_sender_hears_all_the_same() {
    let (server, site) = (ImapServer::start(), Site::fresh().await);
    put(server.port, "line1", &format!("{LACKING}{}", "x".repeat(13 * 1024 * 1024))).await;
    put(server.port, "line1", "no mail at all").await;
    assert_eq!(site.poller.look(&mailbox(server.port, "line1")).await.unwrap(), 2);
    assert_eq!(count(server.port, "line1", "INBOX").await, 0, "nothing blocks the inbox");
    let incomplete = site.incomplete().await;
    let [message] = incomplete.as_slice() else { panic!("{incomplete:?}") };
    let id = kordon_hub::support::mail::MessageId(message.id);
    let mut connection = site.poller.database.connection().await.unwrap();
    let message = reading::get(&mut connection, &site.line_1, id, site.poller.clock.now()).await.unwrap();
    assert!(message.text.contains("more than is taken"), "{}", message.text);
    let missing: Vec<_> = message.received.missing.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(missing, ["/"], "nothing else is asked of it");
}

#[tokio::test]
async fn an_attachment_of_a_type_that_cannot_be_read_is_recorded_like_any_other() {
    let (server, site) = (ImapServer::start(), Site::fresh().await);
    let part = "Content-Type: \u{1}\r\nContent-Disposition: attachment\r\n\r\nx\r\n";
    let head =
        "From: other@example.com\r\nMessage-ID: <2@example.com>\r\nContent-Type: multipart/mixed; boundary=b";
    put(server.port, "line1", &format!("{head}\r\n\r\n--b\r\n\r\nHelp.\r\n--b\r\n{part}--b--\r\n")).await;
    assert_eq!(site.poller.look(&mailbox(server.port, "line1")).await.unwrap(), 1);
    assert_eq!(count(server.port, "line1", "INBOX").await, 0);
    assert_eq!(site.incomplete().await[0].attachments_kept, 1);
}

/// Reads mail, but for what breaks it as long as it stays broken.
#[derive(Debug, Default)]
struct Breaking {
    mended: AtomicBool,
    tried: AtomicUsize,
}

impl ReadMail for Breaking {
    fn read(&self, raw: &[u8]) -> Option<Mail> {
        let is_bad = raw.starts_with(b"From: bad");
        self.tried.fetch_add(usize::from(is_bad), Ordering::SeqCst);
        assert!(!is_bad || self.mended.load(Ordering::SeqCst), "a reader that breaks");
        MailReader.read(raw)
    }
}

#[tokio::test]
async fn mails_that_cannot_be_recorded_hold_up_no_other_and_are_tried_again_after_an_hour() {
    let (server, mut site) = (ImapServer::start(), Site::fresh().await);
    let (reader, hours) = (Arc::new(Breaking::default()), Arc::new(AtomicI64::new(0)));
    site.poller.reader = reader.clone();
    let told = hours.clone();
    site.poller.clock =
        Clock::of(move || Clock::system().now() + TimeDelta::hours(told.load(Ordering::SeqCst)));
    let mut session = program(server.port, "line1").await;
    for number in 0..201 {
        let bad = format!("From: bad@example.com\r\nMessage-ID: <{number}@bad.example>\r\n\r\n.\r\n");
        session.append("INBOX", None, None, bad).await.unwrap();
    }
    session.append("INBOX", None, None, LACKING).await.unwrap();
    session.logout().await.unwrap();
    let mailbox = mailbox(server.port, "line1");
    let tried = || reader.tried.load(Ordering::SeqCst);
    assert_eq!(site.poller.look(&mailbox).await.unwrap(), 0, "one look takes two hundred");
    assert_eq!(site.poller.look(&mailbox).await.unwrap(), 1, "they are left out of the next");
    assert_eq!((site.poller.look(&mailbox).await.unwrap(), tried()), (0, 201));
    assert_eq!(site.metric("mails_set_aside", ""), 201.0);
    reader.mended.store(true, Ordering::SeqCst);
    assert_eq!(site.poller.look(&mailbox).await.unwrap(), 0);
    hours.store(1, Ordering::SeqCst);
    assert_eq!(site.poller.look(&mailbox).await.unwrap(), 200);
    assert_eq!(count(server.port, "line1", "INBOX").await, 1);
}

/// Reads mail, but for one at which it stays until it is let go.
#[derive(Debug)]
struct Lingering {
    began: Notify,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl ReadMail for Lingering {
    fn read(&self, raw: &[u8]) -> Option<Mail> {
        if raw.starts_with(b"From: slow") {
            self.began.notify_one();
            let _ = self.go_on.lock().unwrap().recv();
        }
        MailReader.read(raw)
    }
}

#[tokio::test]
async fn a_mail_at_which_a_look_was_given_up_is_left_out_of_the_next() {
    let (server, mut site) = (ImapServer::start(), Site::fresh().await);
    let (let_go, go_on) = mpsc::channel();
    let reader = Arc::new(Lingering { began: Notify::new(), go_on: Mutex::new(go_on) });
    site.poller.reader = reader.clone();
    put(server.port, "line1", "From: slow@example.com\r\nMessage-ID: <1@slow.example>\r\n\r\n.\r\n").await;
    put(server.port, "line1", LACKING).await;
    let mailbox = mailbox(server.port, "line1");
    tokio::select! {
        looked = site.poller.look(&mailbox) => panic!("it was not given up: {looked:?}"),
        () = reader.began.notified() => {}
    }
    assert_eq!(site.poller.look(&mailbox).await.unwrap(), 1);
    assert_eq!(count(server.port, "line1", "INBOX").await, 1);
    drop(let_go);
}

#[tokio::test]
async fn a_mailbox_that_is_away_or_refuses_us_is_told() {
    let (server, site) = (ImapServer::start(), Site::fresh().await);
    let port = server.port;
    let wrong = Imap::to(MailboxSettings {
        password: Password::new("open sesame".into()),
        host: "127.0.0.1".into(),
        port: Some(port),
        security: ImapSecurity::None,
        ca_file: None,
        user: "line1".into(),
        handled: "Handled".into(),
    });
    let error = site.poller.look(&wrong.unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("not available") && !error.contains("sesame"), "{error}");
    drop(server);
    assert!(site.poller.look(&mailbox(port, "line1")).await.is_err());
    assert_eq!(site.metric("mailbox_looks_total", ",outcome=\"failed\""), 2.0);
    assert_eq!(site.metric("mailbox_last_look_timestamp_seconds", ""), 0.0);
}

/// The same mailbox over TLS, at a host, with the authority that may have signed, if one is named.
fn over_tls(server: &ImapServer, host: &str, authority: bool) -> Imap {
    Imap::to(MailboxSettings {
        host: host.into(),
        port: Some(server.tls_port),
        security: ImapSecurity::Tls,
        ca_file: authority.then(|| server.authority()),
        user: "line1".into(),
        password: Password::new("secret".into()),
        handled: "Handled".into(),
    })
    .unwrap()
}

#[tokio::test]
async fn a_mailbox_is_fetched_over_tls_from_a_server_whose_authority_is_named() {
    let (server, site) = (ImapServer::start(), Site::fresh().await);
    put(server.port, "line1", LACKING).await;
    assert_eq!(site.poller.look(&over_tls(&server, "localhost", true)).await.unwrap(), 1);
    assert_eq!(count(server.port, "line1", "INBOX").await, 0);
    assert_eq!(site.incomplete().await.len(), 1);
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_or_that_has_another_name_gets_no_password() {
    let (server, site) = (ImapServer::start(), Site::fresh().await);
    put(server.port, "line1", LACKING).await;
    for (mailbox, why) in [
        (over_tls(&server, "localhost", false), "no authority is named"),
        (over_tls(&server, "127.0.0.1", true), "the certificate is of localhost"),
    ] {
        let error = site.poller.look(&mailbox).await.unwrap_err().to_string();
        assert!(error.contains("certificate"), "{why}: {error}");
    }
    assert_eq!(count(server.port, "line1", "INBOX").await, 1, "nothing was fetched");
}
