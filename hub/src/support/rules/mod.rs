//! The calendars and handling times of the support service: data with a version, built in (H3.12, H3.13).
//!
//! The files are in `hub/data/support/`, whose README says what is law and what a stated default. Reading is
//! strict: an unknown word, a gap in the table or a calendar that never opens is a fault, never a row left
//! out.

mod calendars;
mod files;
mod handling;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::error::{Error, Result};

pub use calendars::{CalendarName, Calendars};
pub use files::Fault;
pub use handling::{HandlingTimes, HandlingVersion, Target, WhileWaiting};

/// The files of an edition, as text.
#[derive(Debug, Clone, Copy)]
pub struct Files<'t> {
    /// `working-hours.csv`.
    pub working_hours: &'t str,
    /// `public-holidays.csv`.
    pub public_holidays: &'t str,
    /// `holiday-regimes.csv`.
    pub holiday_regimes: &'t str,
    /// `one-off-changes.csv`.
    pub one_off_changes: &'t str,
    /// `handling-versions.csv`.
    pub handling_versions: &'t str,
    /// `handling-times.csv`.
    pub handling_times: &'t str,
}

/// The files that are built in.
pub const BUILT_IN: Files<'static> = Files {
    working_hours: include_str!("../../../data/support/working-hours.csv"),
    public_holidays: include_str!("../../../data/support/public-holidays.csv"),
    holiday_regimes: include_str!("../../../data/support/holiday-regimes.csv"),
    one_off_changes: include_str!("../../../data/support/one-off-changes.csv"),
    handling_versions: include_str!("../../../data/support/handling-versions.csv"),
    handling_times: include_str!("../../../data/support/handling-times.csv"),
};

/// What the support service goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportRules {
    /// When each line works.
    pub calendars: Calendars,
    /// How long it has.
    pub handling: HandlingTimes,
}

impl SupportRules {
    /// Reads an edition.
    ///
    /// # Errors
    /// [`Fault`] naming the file and what is wrong in it.
    pub fn read(files: &Files<'_>) -> std::result::Result<Self, Fault> {
        Ok(Self { calendars: Calendars::read(files)?, handling: HandlingTimes::read(files)? })
    }
}

/// The rules that are built in.
///
/// # Errors
/// [`Error::Internal`] when the files are at fault, which a test excludes.
pub fn built_in() -> Result<&'static SupportRules> {
    static RULES: LazyLock<std::result::Result<SupportRules, Fault>> =
        LazyLock::new(|| SupportRules::read(&BUILT_IN));
    RULES.as_ref().map_err(|fault| Error::Internal(fault.to_string()))
}
