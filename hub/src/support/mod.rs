//! The transit support service (Order 926 of the State Customs Service): three lines that work off tickets within deadlines.
//!
//! Whom it serves: the three lines, and the traders and customs officials whose tickets they handle.
//!
//! - [`calendar`]: when a line works, and counting in its working time (H3.13).
//! - [`deadlines`]: the three clocks of a ticket, worked out from the history of its statuses, and why each stands where it does (H3.12).
//! - [`statuses`]: who may move a ticket from where to where (H3.9).
//! - [`rules`]: the calendars and handling times that are built in, as data.

pub mod calendar;
pub mod deadlines;
pub mod rules;
pub mod statuses;
pub mod tickets;
