//! The bounds of what is kept of a mail.

use super::*;

fn attachment(name: &str, size: usize) -> Attachment {
    Attachment { name: Some(name.to_owned()), media_type: "application/zip".into(), content: vec![0; size] }
}

#[test]
fn attachments_are_kept_up_to_the_limits_and_the_others_are_counted() {
    let mut many: Vec<Attachment> = (0..25).map(|number| attachment(&format!("{number}.txt"), 1)).collect();
    let kept_of_many = kept(&many);
    assert_eq!(kept_of_many.iter().filter(|(.., kept)| *kept).count(), MOST_ATTACHMENTS);
    assert_eq!(not_kept(&kept_of_many), 5);
    many.truncate(1);
    many.insert(0, attachment("huge.bin", MOST_ATTACHED_BYTES + 1));
    let kept: Vec<bool> = kept(&many).iter().map(|(.., kept)| *kept).collect();
    assert_eq!(kept, [false, true], "what is too large leaves room for the next");
}

#[test]
fn a_name_is_a_file_and_no_way_to_one() {
    let named = |name: &str| name_of(&attachment(name, 0), 7);
    assert_eq!(named("../../etc/passwd"), "passwd");
    assert_eq!(named("C:\\Temp\\журнал.txt"), "журнал.txt");
    assert_eq!(named(".."), "attachment-7");
    assert_eq!(named("a\u{0}\r\nb"), "a b");
}

#[test]
fn a_mail_without_an_id_is_known_by_its_content() {
    let mail = Mail { digest: [7; 32], sender: Some("A@Example.com".into()), ..Mail::default() };
    let (sender, id) = identity(&tidy(&mail));
    assert_eq!(sender, "a@example.com");
    assert_eq!(id, format!("sha256:{}", "07".repeat(32)));
    let endless = Mail { message_id: Some("x".repeat(5_000)), ..mail };
    assert!(identity(&tidy(&endless)).1.starts_with("sha256:"));
}

#[test]
fn what_no_database_can_hold_is_left_out() {
    let mail = Mail { subject: "a\u{0}b\r\nc".into(), text: "x\u{0}\u{7}y\nz".into(), ..Mail::default() };
    let tidied = tidy(&mail);
    assert_eq!((tidied.subject.as_str(), tidied.text.as_str()), ("ab c", "xy\nz"));
    let nul = || vec!["a\u{0}b@x.ua".to_owned()];
    let told = NotDelivered { message_ids: nul(), recipients: nul(), because: "5.1.1\u{0}".into() };
    let told = tidy(&Mail { not_delivered: Some(told), ..Mail::default() }).not_delivered.unwrap();
    assert_eq!(
        [told.message_ids.concat(), told.recipients.concat(), told.because],
        ["ab@x.ua", "ab@x.ua", "5.1.1"]
    );
}

#[test]
fn an_attachment_whose_type_cannot_be_read_is_of_any_bytes() {
    let nameless = |media_type: &str| Attachment { media_type: media_type.into(), ..attachment("a", 1) };
    let mail = Mail { attachments: ["\u{1}", "", "text/\u{1}plain"].map(nameless).into(), ..Mail::default() };
    let types = tidy(&mail).attachments.into_iter().map(|own| own.media_type).collect::<Vec<_>>();
    assert_eq!(types, ["application/octet-stream", "application/octet-stream", "text/plain"]);
}
