//! Rules that contradict themselves: every place at once, so that they are refused as a whole and mended in
//! one go.
//!
//! - [`lanes`]: lanes, their capacity and their slots.
//! - [`closed_schema`]: the JSON Schema of a booking's data.

mod closed_schema;
mod lanes;

use std::collections::HashSet;
use std::hash::Hash;

use kordon_schemas::codes::{ZONE_FORM, is_zone_code};
use kordon_schemas::rules::{
    AbsenceRules, BoardRules, BookingRules, CallRules, ChangeRules, Consequence, MergeRules, RefundRules,
    Rules, ZoneRules,
};
use kordon_schemas::{Bilingual, Fault};

use crate::queue::rules::is_text;

/// Every place where rules contradict themselves or leave their bounds, by JSON Pointer from the rules.
#[must_use]
pub fn contradictions(rules: &Rules) -> Vec<Fault> {
    let Rules { zones, zone_choice: _, lanes, merge, booking, call, absence, changes, refunds, board } =
        rules;
    let mut faults = Faults::default();
    of_zones(&mut faults, zones);
    lanes::check(&mut faults, lanes);
    of_merge(&mut faults, merge);
    of_booking(&mut faults, booking);
    of_call(&mut faults, *call);
    of_absence(&mut faults, *absence);
    of_changes(&mut faults, *changes);
    of_refunds(&mut faults, refunds);
    if let Some(BoardRules { plate_characters }) = board {
        faults.within("/board/plate_characters", *plate_characters, 0, 10);
    }
    faults.0
}

/// The places that were found so far.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, path: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Fault::new(path, detail));
    }

    fn within<T: PartialOrd + std::fmt::Display>(
        &mut self,
        path: impl Into<String>,
        value: T,
        least: T,
        most: T,
    ) {
        if value < least || value > most {
            self.add(path, format!("is {least} to {most}"));
        }
    }

    fn count(&mut self, path: &str, count: usize, least: usize, most: usize) {
        if !(least..=most).contains(&count) {
            self.add(path, format!("has {least} to {most} items"));
        }
    }

    fn text(&mut self, path: impl Into<String>, text: &str, longest: usize) {
        if !is_text(text, longest) {
            self.add(path, format!("has 1 to {longest} characters and no control characters"));
        }
    }

    fn name(&mut self, path: &str, name: &Bilingual) {
        self.text(format!("{path}/uk"), &name.uk, 200);
        self.text(format!("{path}/en"), &name.en, 200);
    }

    /// A code of a lane or class: lower-case words with dashes.
    fn code(&mut self, path: impl Into<String>, code: &str) {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if code.len() > 40 || !code.split('-').all(is_word) {
            self.add(path, "has 1 to 40 lower-case letters and digits, in words with dashes between them");
        }
    }

    /// What stands twice in a list.
    fn twice<T: Eq + Hash>(
        &mut self,
        codes: impl Iterator<Item = T>,
        path: impl Fn(usize) -> String,
        what: &str,
    ) {
        let mut seen = HashSet::new();
        for (index, code) in codes.enumerate() {
            if !seen.insert(code) {
                self.add(path(index), format!("{what} stands here a second time"));
            }
        }
    }
}

fn of_zones(faults: &mut Faults, zones: &[ZoneRules]) {
    faults.count("/zones", zones.len(), 0, 50);
    for (index, ZoneRules { zone, name }) in zones.iter().enumerate() {
        if !is_zone_code(zone) {
            faults.add(format!("/zones/{index}/zone"), ZONE_FORM);
        }
        faults.name(&format!("/zones/{index}/name"), name);
    }
    faults.twice(zones.iter().map(|zone| &zone.zone), |index| format!("/zones/{index}/zone"), "this zone");
}

fn of_merge(faults: &mut Faults, merge: &MergeRules) {
    let MergeRules { classes, live_weight } = merge;
    faults.count("/merge/classes", classes.len(), 0, 20);
    for (index, class) in classes.iter().enumerate() {
        faults.code(format!("/merge/classes/{index}/class"), &class.class);
        faults.name(&format!("/merge/classes/{index}/name"), &class.name);
        faults.within(format!("/merge/classes/{index}/weight"), class.weight, 1, 100);
    }
    let codes = classes.iter().map(|class| &class.class);
    faults.twice(codes, |index| format!("/merge/classes/{index}/class"), "this class");
    faults.within("/merge/live_weight", *live_weight, 1, 100);
}

fn of_booking(faults: &mut Faults, booking: &BookingRules) {
    let BookingRules { horizon_days, data_schema } = booking;
    faults.within("/booking/horizon_days", *horizon_days, 1, 365);
    if let Some(schema) = data_schema {
        closed_schema::check(faults, "/booking/data_schema", schema);
    }
}

fn of_call(faults: &mut Faults, call: CallRules) {
    let CallRules { lead_minutes, deadline_minutes, warn_minutes } = call;
    faults.within("/call/lead_minutes", lead_minutes, 0, 1440);
    faults.within("/call/deadline_minutes", deadline_minutes, 5, 2880);
    if let Some(warn) = warn_minutes {
        faults.within("/call/warn_minutes", warn, 5, 2880);
    }
    if deadline_minutes < lead_minutes {
        let detail = format!(
            "a vehicle is called {lead_minutes} minutes before it is expected to enter, and may enter for \
             {deadline_minutes} minutes only: it would be late when it is on time"
        );
        faults.add("/call/deadline_minutes", detail);
    }
}

fn of_absence(faults: &mut Faults, absence: AbsenceRules) {
    let AbsenceRules { zone_grace_minutes, at_zone, at_checkpoint } = absence;
    faults.within("/absence/zone_grace_minutes", zone_grace_minutes, 0, 2880);
    for (path, consequence) in [("at_zone", at_zone), ("at_checkpoint", at_checkpoint)] {
        match consequence {
            Consequence::Ban { days } => faults.within(format!("/absence/{path}/days"), days, 1, 365),
            Consequence::BackToQueue | Consequence::Cancel => {}
        }
    }
}

fn of_changes(faults: &mut Faults, changes: ChangeRules) {
    let ChangeRules { extensions, extension_hours, swaps } = changes;
    faults.within("/changes/extensions", extensions, 0, 10);
    faults.within("/changes/extension_hours", extension_hours, 0, 72);
    faults.within("/changes/swaps", swaps, 0, 10);
    if (extensions == 0) != (extension_hours == 0) {
        faults.add(
            "/changes/extension_hours",
            "is 0 where no extension is allowed, and more than 0 where one is",
        );
    }
}

fn of_refunds(faults: &mut Faults, refunds: &RefundRules) {
    let RefundRules { live_wait_at_most_minutes, live_wait_percent, cancelled, no_show_percent } = refunds;
    faults.within("/refunds/live_wait_at_most_minutes", *live_wait_at_most_minutes, 0, 1440);
    faults.within("/refunds/live_wait_percent", *live_wait_percent, 0, 100);
    faults.within("/refunds/no_show_percent", *no_show_percent, 0, 100);
    faults.count("/refunds/cancelled", cancelled.len(), 0, 10);
    for (index, step) in cancelled.iter().enumerate() {
        faults.within(format!("/refunds/cancelled/{index}/hours_before"), step.hours_before, 0, 720);
        faults.within(format!("/refunds/cancelled/{index}/percent"), step.percent, 0, 100);
    }
    for (index, pair) in cancelled.windows(2).enumerate() {
        let [earlier, later] = pair else { continue };
        let at = index + 1;
        if later.hours_before >= earlier.hours_before {
            let detail = "the steps stand in order, the one with the most hours first";
            faults.add(format!("/refunds/cancelled/{at}/hours_before"), detail);
        }
        if later.percent > earlier.percent {
            let detail = "who cancels later gets no more back than who cancels earlier";
            faults.add(format!("/refunds/cancelled/{at}/percent"), detail);
        }
    }
}

#[cfg(test)]
mod tests;
