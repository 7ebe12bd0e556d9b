//! Every message on any wire, as Rust types with their JSON and XML forms.
//!
//! This crate is the bottom of the house: it knows what is said, never what follows from it. The rules are in
//! `kordon-hub`, the doors in `kordon-api` and `kordon-adapters`. Doc comments of the types here become the
//! text of the contract (`openapi/kordon.json`), so they speak to those who integrate.

pub mod admission_list;
pub mod articles;
pub mod bookings;
pub mod changes;
pub mod characters;
pub mod codes;
pub mod continuity;
pub mod control;
pub mod crossings;
pub mod day;
pub mod declarations;
pub mod events;
mod events_check;
pub mod examples;
pub mod exchange;
pub mod fees;
pub mod figures;
pub mod instant;
pub mod messages;
pub mod money;
pub mod notices;
pub mod operators;
pub mod outages;
pub mod permits;
pub mod plate;
pub mod prediction;
pub mod press_texts;
pub mod problem;
pub mod queue;
pub mod read;
pub mod reference;
pub mod rules;
#[cfg(test)]
mod samples;
pub mod support;
pub mod table;
pub mod text;
pub mod tickets;
pub mod views;
pub mod xml;

pub use codes::{CheckpointCode, Edrpou, OfficeReference, Rnokpp};
pub use money::{Amount, Currency, Money, Rate};
pub use plate::{FoldedPlate, Plate};
pub use problem::{Fault, Problem, ProblemCode};
pub use read::read_json;
pub use table::ToCsv;
pub use text::Bilingual;
pub use xml::{ToXml, XSDS};
