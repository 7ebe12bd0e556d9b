//! Notices on their way out: the messages byte by byte, and real peers that take them.

#[cfg(test)]
mod cd070c;
#[cfg(test)]
mod judges;
#[cfg(test)]
mod post;
#[cfg(test)]
mod press_mail;
#[cfg(test)]
mod press_text;
#[cfg(test)]
mod rejections;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod smtp_server;
#[cfg(test)]
mod subscribers;
