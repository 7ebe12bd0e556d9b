//! The program as its operator uses it: parties, credentials, and a hub that starts, refuses to start, and
//! ends.

mod credential;
mod evidence;
mod party;
mod refusals;
mod serve;
mod trembita;

use crate::process::Site;

/// Registers a system and returns its id.
fn add_party(site: &Site, system: &str, role: &str) -> String {
    site.tell(&adding(system, role))
}

fn adding<'text>(system: &'text str, role: &'text str) -> [&'text str; 10] {
    let name = "State Border Guard Service";
    ["party", "add", "--edrpou", "00032106", "--organisation", name, "--system", system, "--role", role]
}
