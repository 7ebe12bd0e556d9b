//! The same message in other words: prefixes, default namespaces, white space, comments, CDATA.

use proptest::prelude::*;

use super::fixtures::read;

#[derive(Debug, Clone)]
struct Spelling {
    soap: String,
    xroad: Option<String>,
    identifiers: String,
    space: String,
    cdata: bool,
    quote: char,
    declare_late: bool,
}

fn spelling() -> impl Strategy<Value = Spelling> {
    let space = prop::collection::vec(
        prop::sample::select(vec![" ", "\n", "\r\n", "\t", "<!-- <xro:id>no</xro:id> -->", "<?note id?>"]),
        0..4,
    );
    (
        "s[a-z_.-]{0,6}",
        // No prefix begins with `xml`: those are kept for the standards themselves.
        prop::option::of("x([a-ln-z_][a-z_]{0,5})?Ї?"),
        "i[a-z0-9]{0,6}",
        space,
        any::<bool>(),
        prop::sample::select(vec!['"', '\'']),
        any::<bool>(),
    )
        .prop_map(|(soap, xroad, identifiers, space, cdata, quote, declare_late)| Spelling {
            soap,
            xroad,
            identifiers,
            space: space.concat(),
            cdata,
            quote,
            declare_late,
        })
}

impl Spelling {
    fn write(&self, member: &str, id: &str) -> String {
        let Self { soap, xroad, identifiers, space, cdata, quote, declare_late } = self;
        let x = xroad.as_ref().map(|prefix| format!("{prefix}:")).unwrap_or_default();
        let attribute = |name: &str, value: &str| {
            format!(" {name}{space}={quote}{value}{quote}", space = if *declare_late { " " } else { "" })
        };
        let text = |text: &str| {
            if *cdata {
                format!("<![CDATA[{text}]]>")
            } else {
                text.replace('&', "&amp;").replace('<', "&lt;")
            }
        };
        let namespace = attribute(
            &xroad.as_ref().map_or("xmlns".to_owned(), |prefix| format!("xmlns:{prefix}")),
            "http://x-road.eu/xsd/xroad.xsd",
        );
        let (early, late) =
            if *declare_late { (String::new(), namespace) } else { (namespace, String::new()) };
        let part = |name: &str, value: &str| {
            format!("{space}<{identifiers}:{name}>{}</{identifiers}:{name}>", text(value))
        };
        let owner = format!(
            "{}{}{}",
            part("xRoadInstance", "SEVDEIR"),
            part("memberClass", "GOV"),
            part("memberCode", member)
        );
        let declarations = format!(
            "{}{}{early}",
            attribute(&format!("xmlns:{soap}"), "http://schemas.xmlsoap.org/soap/envelope/"),
            attribute(&format!("xmlns:{identifiers}"), "http://x-road.eu/xsd/identifiers"),
        );
        let kind = |kind: &str| attribute(&format!("{identifiers}:objectType"), kind);
        let version = if *cdata { "<![CDATA[4]]>.<!-- point -->0" } else { "4.0" };
        [
            format!("<{soap}:Envelope{declarations}>{space}<{soap}:Header{late}>{space}"),
            format!("<{x}client{}>{owner}{space}</{x}client>{space}", kind("MEMBER")),
            format!("<{x}service{}>{owner}{}</{x}service>{space}", kind("SERVICE"), part("serviceCode", "GetQueue_v1")),
            format!("<{x}id>{}</{x}id>{space}<{x}protocolVersion>{version}</{x}protocolVersion>{space}", text(id)),
            format!("</{soap}:Header>{space}<{soap}:Body>{space}<GetQueue_v1 xmlns={quote}urn:queue{quote}/>{space}</{soap}:Body>{space}</{soap}:Envelope>{space}"),
        ]
        .concat()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_spelling_says_the_same(one in spelling(), other in spelling(), member in "[A-Za-z0-9_<&Їі-]{1,12}", id in "[a-f0-9<&-]{1,36}") {
        let (one, other) = (read(&one.write(&member, &id)), read(&other.write(&member, &id)));
        prop_assert_eq!(&one.header, &other.header);
        prop_assert_eq!(&one.wrapper, &other.wrapper);
        prop_assert_eq!(&one.header.client.member_code, &member);
        prop_assert_eq!(&one.header.id, &id);
        // And so does the answer that carries the headers back, in either spelling.
        let answer = read(&one.answer("<GetQueue_v1Response/>"));
        prop_assert!(other.answered_by(&answer).is_ok());
        prop_assert_eq!(answer.header_content(), one.header_content());
    }
}
