//! The mail of the support service (Order 926, section II; section III, clauses 6, 7, 13, 14).
//!
//! - [`imap`]: the mailboxes that users write to.
//! - [`reading`]: what users write, read; `parts` takes it apart, `bodies` tells text from files, `charsets`
//!   makes text of bytes, `flowed` makes lines whole, `html` leaves formatting out, `reports` is what mail
//!   servers write.
//! - [`text`]: what they are told, in words.
//! - [`letters`]: the way of a letter, by SMTP or into a folder.
//! - [`settings`]: from whom, and the way there.

mod bodies;
mod charsets;
mod flowed;
mod html;
pub mod imap;
pub mod letters;
mod parts;
pub mod reading;
mod reports;
pub mod settings;
pub mod text;

pub use imap::{Imap, MailboxSettings, mailboxes};
pub use letters::Letters;
pub use reading::MailReader;
pub use settings::SupportMailSettings;
