//! One example of each message, for the contract and the guides: the JSON stands in `examples/`, the XML is
//! written from it, so that neither can drift from the types.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::articles::{Article, ArticleIn, Articles};
use crate::bookings::{
    BanLiftingIn, BookingChange, BookingView, CancellationIn, ExtensionIn, Petition, PetitionDecisionIn,
    PetitionIn, PetitionPage, Slots, VehicleSwapIn,
};
use crate::changes::QueueChanges;
use crate::continuity::{ContinuityUsePage, DeclarationTotal, DeclarationTotalIn};
use crate::control::{DailyControl, TicketFigureReport};
use crate::events::{EventAnswer, EventAnswers, EventIn, PlacementIn, RecordedEvents};
use crate::exchange::{Acknowledgement, ExchangeDocument, Inbox};
use crate::fees::{FeeQuote, Payment, PaymentIn, Refund, RefundIn, Statement, Tariff, TariffIn, Tariffs};
use crate::figures::{FigureReport, OpenData};
use crate::messages::{
    AnswerIn, Answered, Correspondence, Message, MessagePage, MessageTicketIn, ReceivedMessage,
};
use crate::notices::{NoticeFeed, NoticeWithDeliveries, Publication};
use crate::operators::{OperatorIn, Operators};
use crate::outages::OutagePage;
use crate::permits::{
    CrossingPermits, DataToWithdraw, PermitCheck, PermitDecisionIn, PermitReferenceIn, PermitReportIn,
    PermitRequest, PermitRequestIn, PermitRequestPage, PermitRequestSummary, PermitTellingIn, RevocationIn,
};
use crate::prediction::{PredictedEntries, PredictionAccuracy};
use crate::press_texts::{PressReview, PressTexts};
use crate::queue::{
    Admission, AdmissionIn, Booking, BookingIn, Call, CallIn, CallList, Pause, PauseIn, PauseList, Queue,
};
use crate::reference::{Checkpoint, Checkpoints, CustomsOffices};
use crate::rules::{RulesIn, RulesVersion, RulesVersions};
use crate::tickets::{
    PeopleIn, TellingIn, Ticket, TicketDeadlines, TicketExtensionIn, TicketIn, TicketMoveIn, TicketPage,
    TicketPriorityIn, TicketSummary,
};
use crate::views::{Board, DirectedVehicles, HolderSecret, MyBooking, ZoneQueue};
use crate::xml::ToXml;
use crate::{Problem, crossings::CrossingView};

/// An example of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The name of the message in the contract.
    pub name: &'static str,
    /// As JSON.
    pub json: serde_json::Value,
    /// As XML, where the message has an XML form.
    pub xml: Option<String>,
}

/// What is wrong with an example. The tests keep it from being released.
#[derive(Debug, thiserror::Error)]
#[error("the example {name} is not as its type has it: {error}")]
pub struct ExampleFault {
    name: &'static str,
    error: serde_json::Error,
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../examples/", $name, ".json"))
    };
}

/// Every example.
///
/// # Errors
/// [`ExampleFault`] for an example that does not fit its type.
pub fn examples() -> Result<Vec<Example>, ExampleFault> {
    Ok(vec![
        in_both::<EventIn>("EventIn", file!("EventIn"))?,
        in_both::<EventIn>("EventsIn", file!("EventIn"))?,
        in_both::<EventAnswers>("AnsweredEvents", file!("AnsweredEvents"))?,
        in_both::<EventAnswer>("EventAnswer", file!("EventAnswer"))?,
        in_both::<RecordedEvents>("RecordedEvents", file!("RecordedEvents"))?,
        in_json::<PlacementIn>("PlacementIn", file!("PlacementIn"))?,
        in_json::<BookingIn>("BookingIn", file!("BookingIn"))?,
        in_json::<Booking>("Booking", file!("Booking"))?,
        in_json::<BookingView>("BookingView", file!("BookingView"))?,
        in_json::<BookingChange>("BookingChange", file!("BookingChange"))?,
        in_json::<CancellationIn>("CancellationIn", file!("CancellationIn"))?,
        in_json::<ExtensionIn>("ExtensionIn", file!("ExtensionIn"))?,
        in_json::<VehicleSwapIn>("VehicleSwapIn", file!("VehicleSwapIn"))?,
        in_json::<BanLiftingIn>("BanLiftingIn", file!("BanLiftingIn"))?,
        in_json::<Slots>("Slots", file!("Slots"))?,
        in_json::<PetitionIn>("PetitionIn", file!("PetitionIn"))?,
        in_json::<PetitionDecisionIn>("PetitionDecisionIn", file!("PetitionDecisionIn"))?,
        in_json::<Petition>("Petition", file!("Petition"))?,
        in_json::<PetitionPage>("PetitionPage", file!("PetitionPage"))?,
        in_json::<RulesIn>("RulesIn", file!("RulesIn"))?,
        in_json::<RulesVersion>("RulesVersion", file!("RulesVersion"))?,
        in_json::<RulesVersions>("RulesVersions", file!("RulesVersions"))?,
        in_json::<OperatorIn>("OperatorIn", file!("OperatorIn"))?,
        in_json::<Operators>("Operators", file!("Operators"))?,
        in_json::<CallIn>("CallIn", file!("CallIn"))?,
        in_json::<Call>("Call", file!("Call"))?,
        in_json::<PauseIn>("PauseIn", file!("PauseIn"))?,
        in_json::<Pause>("Pause", file!("Pause"))?,
        in_json::<PauseList>("PauseList", file!("PauseList"))?,
        in_both::<Queue>("Queue", file!("Queue"))?,
        in_json::<PredictedEntries>("PredictedEntries", file!("PredictedEntries"))?,
        in_json::<PredictionAccuracy>("PredictionAccuracy", file!("PredictionAccuracy"))?,
        in_both::<CallList>("CallList", file!("CallList"))?,
        in_both::<AdmissionIn>("AdmissionIn", file!("AdmissionIn"))?,
        in_both::<Admission>("Admission", file!("Admission"))?,
        in_json::<QueueChanges>("QueueChanges", file!("QueueChanges"))?,
        in_json::<ZoneQueue>("ZoneQueue", file!("ZoneQueue"))?,
        in_json::<DirectedVehicles>("DirectedVehicles", file!("DirectedVehicles"))?,
        in_json::<Board>("Board", file!("Board"))?,
        in_json::<MyBooking>("MyBooking", file!("MyBooking"))?,
        in_json::<HolderSecret>("HolderSecret", file!("HolderSecret"))?,
        in_both::<CrossingView>("CrossingView", file!("CrossingView"))?,
        in_json::<Checkpoint>("Checkpoint", file!("Checkpoint"))?,
        in_json::<Checkpoints>("Checkpoints", file!("Checkpoints"))?,
        in_json::<CustomsOffices>("CustomsOffices", file!("CustomsOffices"))?,
        in_json::<NoticeFeed>("NoticeFeed", file!("NoticeFeed"))?,
        in_json::<NoticeWithDeliveries>("NoticeWithDeliveries", file!("NoticeWithDeliveries"))?,
        in_json::<PressReview>("PressReview", file!("PressReview"))?,
        in_json::<PressTexts>("PressTexts", file!("PressTexts"))?,
        in_json::<Publication>("Publication", file!("Publication"))?,
        in_both::<OutagePage>("OutagePage", file!("OutagePage"))?,
        in_json::<TicketIn>("TicketIn", file!("TicketIn"))?,
        in_json::<TicketSummary>("TicketSummary", file!("TicketSummary"))?,
        in_json::<Ticket>("Ticket", file!("Ticket"))?,
        in_json::<TicketPage>("TicketPage", file!("TicketPage"))?,
        in_json::<TicketMoveIn>("TicketMoveIn", file!("TicketMoveIn"))?,
        in_json::<TicketPriorityIn>("TicketPriorityIn", file!("TicketPriorityIn"))?,
        in_json::<TicketExtensionIn>("TicketExtensionIn", file!("TicketExtensionIn"))?,
        in_json::<TellingIn>("TellingIn", file!("TellingIn"))?,
        in_json::<PeopleIn>("PeopleIn", file!("PeopleIn"))?,
        in_json::<TicketDeadlines>("TicketDeadlines", file!("TicketDeadlines"))?,
        in_json::<ReceivedMessage>("ReceivedMessage", file!("ReceivedMessage"))?,
        in_json::<Message>("Message", file!("Message"))?,
        in_json::<MessagePage>("MessagePage", file!("MessagePage"))?,
        in_json::<MessageTicketIn>("MessageTicketIn", file!("MessageTicketIn"))?,
        in_json::<AnswerIn>("AnswerIn", file!("AnswerIn"))?,
        in_json::<Answered>("Answered", file!("Answered"))?,
        in_json::<Correspondence>("Correspondence", file!("Correspondence"))?,
        in_json::<DailyControl>("DailyControl", file!("DailyControl"))?,
        in_json::<TicketFigureReport>("TicketFigureReport", file!("TicketFigureReport"))?,
        in_json::<ArticleIn>("ArticleIn", file!("ArticleIn"))?,
        in_json::<Article>("Article", file!("Article"))?,
        in_json::<Articles>("Articles", file!("Articles"))?,
        in_json::<PermitRequestIn>("PermitRequestIn", file!("PermitRequestIn"))?,
        in_json::<PermitRequestSummary>("PermitRequestSummary", file!("PermitRequestSummary"))?,
        in_json::<PermitRequest>("PermitRequest", file!("PermitRequest"))?,
        in_json::<PermitRequestPage>("PermitRequestPage", file!("PermitRequestPage"))?,
        in_json::<PermitDecisionIn>("PermitDecisionIn", file!("PermitDecisionIn"))?,
        in_json::<PermitTellingIn>("PermitTellingIn", file!("PermitTellingIn"))?,
        in_json::<DeclarationTotalIn>("DeclarationTotalIn", file!("DeclarationTotalIn"))?,
        in_json::<DeclarationTotal>("DeclarationTotal", file!("DeclarationTotal"))?,
        in_json::<ContinuityUsePage>("ContinuityUsePage", file!("ContinuityUsePage"))?,
        in_json::<PermitReportIn>("PermitReportIn", file!("PermitReportIn"))?,
        in_json::<RevocationIn>("RevocationIn", file!("RevocationIn"))?,
        in_json::<DataToWithdraw>("DataToWithdraw", file!("DataToWithdraw"))?,
        in_json::<PermitCheck>("PermitCheck", file!("PermitCheck"))?,
        in_json::<PermitReferenceIn>("PermitReferenceIn", file!("PermitReferenceIn"))?,
        in_json::<CrossingPermits>("CrossingPermits", file!("CrossingPermits"))?,
        in_json::<TariffIn>("TariffIn", file!("TariffIn"))?,
        in_json::<Tariff>("Tariff", file!("Tariff"))?,
        in_json::<Tariffs>("Tariffs", file!("Tariffs"))?,
        in_json::<FeeQuote>("FeeQuote", file!("FeeQuote"))?,
        in_json::<PaymentIn>("PaymentIn", file!("PaymentIn"))?,
        in_json::<Payment>("Payment", file!("Payment"))?,
        in_json::<RefundIn>("RefundIn", file!("RefundIn"))?,
        in_json::<Refund>("Refund", file!("Refund"))?,
        in_json::<Statement>("Statement", file!("Statement"))?,
        in_json::<FigureReport>("FigureReport", file!("FigureReport"))?,
        in_json::<OpenData>("OpenData", file!("OpenData"))?,
        in_both::<ExchangeDocument>("ExchangeDocument", file!("ExchangeDocument"))?,
        in_both::<Acknowledgement>("Acknowledgement", file!("Acknowledgement"))?,
        in_both::<Inbox>("Inbox", file!("Inbox"))?,
        in_both::<Problem>("Problem", file!("Problem"))?,
    ])
}

fn read<T: DeserializeOwned>(name: &'static str, json: &str) -> Result<T, ExampleFault> {
    serde_json::from_str(json).map_err(|error| ExampleFault { name, error })
}

/// The JSON is written again from the value: a member that the type does not have would be missing from it.
fn in_json<T: DeserializeOwned + Serialize>(name: &'static str, json: &str) -> Result<Example, ExampleFault> {
    let value: T = read(name, json)?;
    let json = serde_json::to_value(&value).map_err(|error| ExampleFault { name, error })?;
    Ok(Example { name, json, xml: None })
}

fn in_both<T: DeserializeOwned + Serialize + ToXml>(
    name: &'static str,
    json: &str,
) -> Result<Example, ExampleFault> {
    let value: T = read(name, json)?;
    Ok(Example { xml: Some(xml_of(&value)), ..in_json::<T>(name, json)? })
}

fn xml_of(value: &impl ToXml) -> String {
    String::from_utf8_lossy(&value.to_xml()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_says_all_that_its_file_says() {
        for example in examples().unwrap() {
            // One event is also an example of what a body of events may be.
            let file = if example.name == "EventsIn" { "EventIn" } else { example.name };
            let path = format!("{}/examples/{file}.json", env!("CARGO_MANIFEST_DIR"));
            let written: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            assert_eq!(example.json, written, "{}", example.name);
        }
    }
}
