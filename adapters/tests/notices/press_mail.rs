//! The mail to the press office: as a file, and through a real mail server.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use insta::assert_snapshot;
use kordon_adapters::press_office::{Password, PressOfficeRoute, SmtpSecurity};
use kordon_adapters::{PressOffice, PressOfficeSettings};
use kordon_hub::notices::{Channel, ChannelFault};
use kordon_schemas::notices::NoticeKind;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};

use crate::samples::{dispatch, planned};
use crate::smtp_server::SmtpServer;

#[tokio::test]
async fn a_mail_in_a_folder_is_one_file_however_often_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let office = open(PressOfficeRoute::Folder { path: folder.path().join("press") });
    let dispatch = dispatch(1, NoticeKind::Declared, None, planned());
    for _ in 0..2 {
        office.deliver(&dispatch).await.unwrap();
    }
    let files: Vec<_> =
        fs::read_dir(folder.path().join("press")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(files[0].ends_with("019a9d2e-7c00-7000-8000-000000000001-00001.eml"), "{files:?}");
    let mail = fs::read_to_string(&files[0]).unwrap();
    let (head, _) = mail.split_once("\r\n\r\n").unwrap();
    assert_snapshot!(head.replace("\r\n", "\n"), @"
    From: =?utf-8?b?0KHQu9GD0LbQsdCwINC/0ZbQtNGC0YDQuNC80LrQuCDQldCi0KE=?= <ets@customs.example>
    Subject: =?utf-8?b?0J/Qu9Cw0L3QvtCy0ZYg0YDQvtCx0L7RgtC4OiDQldCi0KE=?= /
     Planned work: ETS
    Date: Fri, 20 Nov 2026 22:45:10 +0000
    Message-ID: <019a9d2e-7c00-7000-8000-0000000000a1@customs.example>
    References: <outage-019a9d2e-7c00-7000-8000-000000000001@customs.example>
    Auto-Submitted: auto-generated
    To: press@customs.example
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: base64
    ");
}

#[tokio::test]
async fn a_mail_server_takes_the_mail_and_a_repeat_has_the_same_id() {
    let server = SmtpServer::start(None);
    let office = open(smtp(server.port, SmtpSecurity::None));
    let dispatch = dispatch(1, NoticeKind::Declared, None, planned());
    for _ in 0..2 {
        let receipt = office.deliver(&dispatch).await.unwrap();
        assert!(receipt.detail.starts_with("SMTP 250"), "{receipt:?}");
    }
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    for mail in mails {
        assert!(
            mail.contains("Message-ID: <019a9d2e-7c00-7000-8000-0000000000a1@customs.example>"),
            "{mail}"
        );
        assert!(mail.contains("X-RcptTo: press@customs.example"), "{mail}");
    }
}

#[tokio::test]
async fn a_mail_server_that_demands_tls_is_trusted_by_its_authority_only() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("server.pem"), folder.path().join("server.key"));
    write_certificate(&certificate, &key);
    let server = SmtpServer::start(Some((&certificate, &key)));
    let dispatch = dispatch(1, NoticeKind::Declared, None, planned());

    let stranger = open(smtp(server.port, SmtpSecurity::Starttls));
    let fault = stranger.deliver(&dispatch).await.unwrap_err();
    assert!(matches!(&fault, ChannelFault::Transient(detail) if detail.contains("certificate")), "{fault:?}");
    let plain = open(smtp(server.port, SmtpSecurity::None));
    assert!(plain.deliver(&dispatch).await.is_err());
    assert_eq!(server.mails().len(), 0);

    let PressOfficeRoute::Smtp { host, port, security, ca_file: _, user, password } =
        smtp(server.port, SmtpSecurity::Starttls)
    else {
        unreachable!("a route by SMTP")
    };
    let known = PressOfficeRoute::Smtp { host, port, security, ca_file: Some(certificate), user, password };
    open(known).deliver(&dispatch).await.unwrap();
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_tried_again() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let office = open(smtp(port, SmtpSecurity::None));
    let fault = office.deliver(&dispatch(1, NoticeKind::Declared, None, planned())).await.unwrap_err();
    assert!(matches!(&fault, ChannelFault::Transient(detail) if detail.contains("refused")), "{fault:?}");
}

#[test]
fn wrong_settings_are_named() {
    let folder = || PressOfficeRoute::Folder { path: "unused".into() };
    let named = |from: &str, to: &[&str], route| {
        let to = to.iter().map(|&address| address.to_owned()).collect();
        let settings = PressOfficeSettings { from: from.into(), to, route };
        PressOffice::open(settings).map(|_| ()).unwrap_err().setting
    };
    assert_eq!(named("nobody", &["press@customs.example"], folder()), "press_office.from");
    assert_eq!(named("kordon@customs.example", &["press"], folder()), "press_office.to");
    assert_eq!(named("kordon@customs.example", &[], folder()), "press_office.to");
    let half = PressOfficeRoute::Smtp {
        host: "127.0.0.1".into(),
        port: None,
        security: SmtpSecurity::None,
        ca_file: None,
        user: None,
        password: Some(Password::new("open sesame".into())),
    };
    assert!(!format!("{half:?}").contains("sesame"));
    assert_eq!(named("kordon@customs.example", &["press@customs.example"], half), "press_office.route.user");
}

fn open(route: PressOfficeRoute) -> PressOffice {
    PressOffice::open(PressOfficeSettings {
        from: "Служба підтримки ЕТС <ets@customs.example>".into(),
        to: vec!["press@customs.example".into()],
        route,
    })
    .unwrap()
}

fn smtp(port: u16, security: SmtpSecurity) -> PressOfficeRoute {
    PressOfficeRoute::Smtp {
        host: "127.0.0.1".into(),
        port: Some(port),
        security,
        ca_file: None,
        user: None,
        password: None,
    }
}

/// A certificate for 127.0.0.1 that signs itself.
fn write_certificate(certificate: &Path, key: &Path) {
    let pair = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "127.0.0.1").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&pair).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    let alternative =
        SubjectAlternativeName::new().ip("127.0.0.1").build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(alternative).unwrap();
    builder.sign(&pair, MessageDigest::sha256()).unwrap();
    fs::write(certificate, builder.build().to_pem().unwrap()).unwrap();
    fs::write(key, pair.private_key_to_pem_pkcs8().unwrap()).unwrap();
}
