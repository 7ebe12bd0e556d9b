//! The forms of a problem: JSON or XML, English or Ukrainian.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use reqwest::Method;

use crate::hub::{Answer, TestHub};

#[tokio::test]
async fn a_problem_is_json_when_the_client_does_not_say() {
    let hub = TestHub::start().await;
    let answer = hub.get("/api/v1/outages").send().await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let text = without_id(&answer);
    assert_snapshot!(text, @r#"{"type":"/problems/unauthenticated","title":"Who is asking is not known","status":401,"code":"unauthenticated","detail":"no valid bearer token and no bound client certificate was sent","request_id":"(the request id)"}"#);
}

#[tokio::test]
async fn a_problem_is_xml_when_the_client_reads_xml() {
    let hub = TestHub::start().await;
    for accept in
        ["application/xml", "text/xml", "application/problem+xml", "application/json;q=0.5, application/xml"]
    {
        let answer = hub.get("/api/v1/outages").header("Accept", accept).send().await;
        assert_eq!(answer.header("content-type"), "application/problem+xml", "{accept}");
        roxmltree::Document::parse(answer.text()).unwrap();
    }
    let answer = hub.get("/nothing").accepting_xml().send().await;
    let text = without_id(&answer);
    assert_snapshot!(text, @r#"<?xml version="1.0" encoding="UTF-8"?><problem xmlns="urn:ietf:rfc:7807"><type>/problems/not_found</type><title>There is no such thing</title><status>404</status><code>not_found</code><detail>there is nothing at this address</detail><request_id>(the request id)</request_id></problem>"#);
    let faulty = hub.get("/api/v1/notices?limit=0").as_role(Role::Taxud).accepting_xml().send().await;
    assert_eq!(faulty.status, 406, "notices are JSON; the problem that says so is still XML");
    assert_eq!(faulty.header("content-type"), "application/problem+xml");
}

#[tokio::test]
async fn the_title_is_ukrainian_when_that_is_the_clients_first_language() {
    let hub = TestHub::start().await;
    let title = async |languages: &str| {
        let answer = hub.get("/api/v1/outages").header("Accept-Language", languages).send().await;
        answer.json()["title"].as_str().unwrap().to_owned()
    };
    let (uk, en) = ("Не встановлено, хто звертається", "Who is asking is not known");
    assert_eq!(title("uk").await, uk);
    assert_eq!(title("uk-UA,uk;q=0.9,en;q=0.8").await, uk);
    assert_eq!(title("UK").await, uk);
    assert_eq!(title("en").await, en);
    assert_eq!(title("pl, uk;q=0.5").await, en);
    assert_eq!(title("ukx").await, en, "another language");
    assert_eq!(title("").await, en);
}

#[tokio::test]
async fn the_page_of_a_problem_explains_it_in_both_languages() {
    let hub = TestHub::start().await;
    let list = hub.get("/problems").send().await.expect(200);
    for page in list["items"].as_array().unwrap() {
        let code = page["code"].as_str().unwrap();
        assert_eq!(&hub.get(&format!("/problems/{code}")).send().await.expect(200), page);
        for text in [&page["title"]["uk"], &page["title"]["en"], &page["advice"]] {
            assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{code}");
        }
    }
    let problem = hub.request(Method::DELETE, "/problems").send().await;
    assert_eq!(problem.json()["type"], "/problems/method_not_allowed");
}

fn without_id(answer: &Answer) -> String {
    answer.text().replace(answer.header("x-request-id"), "(the request id)")
}
