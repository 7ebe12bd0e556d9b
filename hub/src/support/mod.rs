//! The transit support service (Order 926 of the State Customs Service): three lines that work off tickets
//! within deadlines.
//!
//! Whom it serves: the three lines, and the traders and customs officials whose tickets they handle.
//!
//! - [`articles`]: the questions-and-answers section.
//! - [`calendar`]: when a line works, and counting in its working time (H3.13).
//! - [`control`]: what line 1 watches each day, and its figures.
//! - [`deadlines`]: the four clocks of a ticket, worked out from the history of its statuses, and why each
//!   stands where it does (H3.12).
//! - [`statuses`]: who may move a ticket from where to where (H3.9).
//! - [`tickets`]: the matters themselves. - [`mail`]: what users write by mail. - [`letters`]: what they are
//!   told.
//! - [`timers`]: what the timers of the support service tell of themselves.
//! - [`rules`]: the calendars and handling times that are built in, as data.

pub mod articles;
pub mod calendar;
pub mod control;
pub mod deadlines;
pub mod letters;
pub mod mail;
pub mod rules;
pub mod statuses;
pub mod tickets;
pub mod timers;
