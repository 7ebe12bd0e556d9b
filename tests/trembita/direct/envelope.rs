//! An envelope of SOAP on its way: signed, sent, and what it was refused with.

use kordon_adapters::trembita::security::sign;

use super::{Direct, Partner};
use crate::hub::Answer;
use crate::trembita::{Envelope, fault_of};

pub(super) const AT_KRAKIVETS: &str = "<t:checkpoint>UA209030</t:checkpoint>";

impl Direct {
    pub(super) fn sign(&self, envelope: &Envelope) -> String {
        self.sign_by(&self.partner, &envelope.text())
    }

    pub(super) fn sign_by(&self, partner: &Partner, text: &str) -> String {
        sign::sign(text, &partner.key, None, self.hub.clock.now()).unwrap()
    }

    pub(super) async fn send(&self, text: &str) -> Answer {
        self.hub.post("/trembita/soap").body("text/xml; charset=utf-8", text.to_owned()).send().await
    }

    /// How many envelopes ended so.
    pub(super) async fn counted(&self, outcome: &str) -> u32 {
        let metrics = self.hub.get("/metrics").send().await;
        let series = format!("kordon_signatures_total{{outcome=\"{outcome}\",way=\"soap\"}} ");
        let line = metrics.text().lines().find_map(|line| line.strip_prefix(&series));
        line.unwrap_or("0").parse().unwrap()
    }
}

/// The border guard asks who waits at Krakivets.
pub(super) fn queue() -> Envelope {
    Envelope::of("GetQueue_v1", AT_KRAKIVETS)
}

/// The code of a fault of WS-Security with its text.
pub(super) fn refusal_of(answer: &Answer) -> String {
    let told = fault_of(answer);
    assert!(!answer.text().contains("<ds:Signature"), "who is not known gets no signature");
    told
}
