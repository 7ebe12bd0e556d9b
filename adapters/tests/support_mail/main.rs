//! Mail of the support service: read as strangers write it, and sent through a real mail server.

#[cfg(test)]
mod as_sent;
#[cfg(test)]
mod imap;
#[cfg(test)]
mod imap_server;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod refusing;
#[cfg(test)]
#[path = "../notices/smtp_server.rs"]
mod smtp_server;
