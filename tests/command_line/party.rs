//! `kordon party`.

use insta::assert_snapshot;

use super::{add_party, adding};
use crate::process::Site;

#[tokio::test(flavor = "multi_thread")]
async fn a_party_that_was_added_is_listed_with_its_reach_and_its_credentials() {
    let site = Site::shared().await;
    let mut arguments = adding("gate", "border_guard").to_vec();
    arguments.extend(["--checkpoint", "UA209030", "--checkpoint", "UA205020"]);
    let gate = site.tell(&arguments);
    let mut arguments = adding("yard", "zone_operator").to_vec();
    arguments.extend(["--zone", "KRAKIVETS-1"]);
    let yard = site.tell(&arguments);
    site.tell(&["credential", "issue", "--system", &gate, "--days", "30"]);

    let list = site.tell(&["party", "list"]);
    let list = list.replace(&gate, "(gate)").replace(&yard, "(yard)");
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 3, "{list}");
    assert_snapshot!(lines[0], @"(gate)  border_guard  gate  (00032106 State Border Guard Service)  at UA209030, UA205020");
    assert!(lines[1].starts_with("    ") && lines[1].contains("  token  since "), "{list}");
    assert_snapshot!(lines[2], @"(yard)  zone_operator  yard  (00032106 State Border Guard Service)  in KRAKIVETS-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_edrpou_is_refused_with_the_digit_that_would_be_right() {
    let site = Site::shared().await;
    let mut arguments = adding("gate", "border_guard");
    arguments[3] = "00032105";
    let said = site.run(&arguments);
    assert!(!said.succeeded);
    let told = "the check digit of the EDRPOU code is wrong: the last digit would have to be 6";
    assert!(said.error.contains(told), "{}", said.error);
    arguments[3] = "0003210";
    assert!(site.run(&arguments).error.contains("an EDRPOU code has eight digits"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_party_is_refused_and_the_reason_told() {
    let site = Site::shared().await;
    add_party(&site, "gate", "border_guard");
    let refused = |arguments: &[&str]| {
        let said = site.run(arguments);
        assert!(!said.succeeded, "{}", said.output);
        said.error
    };
    let twice = refused(&adding("gate", "customs"));
    assert!(twice.contains("00032106 has a system of this name already"), "{twice}");
    let role = refused(&adding("yard", "guard"));
    assert!(role.contains("the roles are border_guard, customs, queue_operator"), "{role}");
    let mut arguments = adding("yard", "zone_operator").to_vec();
    let everywhere = refused(&arguments);
    assert!(everywhere.contains("zones a zone operator names its waiting zones"), "{everywhere}");
    arguments.extend(["--zone", "KRAKIVETS-1", "--checkpoint", "UA000001"]);
    let nowhere = refused(&arguments);
    assert!(nowhere.contains("there is no checkpoint UA000001"), "{nowhere}");
    let unnamed = refused(&adding(" ", "customs"));
    assert!(unnamed.contains("system has 1 to 100 characters"), "{unnamed}");
    assert_eq!(site.tell(&["party", "list"]).lines().count(), 1, "nothing of it was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_a_system_signs_its_messages_is_set_and_shown() {
    let site = Site::shared().await;
    let system = add_party(&site, "partner", "border_guard");
    assert!(!site.tell(&["party", "list"]).contains("signatures"), "by default it does not");
    for policy in ["required", "optional"] {
        assert_eq!(
            site.tell(&["party", "signatures", "--system", &system, policy]),
            format!("signatures: {policy}")
        );
        assert!(site.tell(&["party", "list"]).contains(&format!("signatures: {policy}")));
    }
    site.tell(&["party", "signatures", "--system", &system, "none"]);
    assert!(!site.tell(&["party", "list"]).contains("signatures"));
    let wrong = site.run(&["party", "signatures", "--system", &system, "sometimes"]);
    assert!(wrong.error.contains("the policies are none, optional, required"), "{}", wrong.error);
    let unknown =
        site.run(&["party", "signatures", "--system", "00000000-0000-7000-8000-000000000000", "none"]);
    assert!(unknown.error.contains("there is no system"), "{}", unknown.error);
}
