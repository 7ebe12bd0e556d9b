//! What is sealed here: valid to our own verifier and to strangers', and invalid to each of them as soon as
//! it is changed.

mod archives;
mod certificate_status;
mod containers;
mod site;
mod strangers;
mod time_stamps;
