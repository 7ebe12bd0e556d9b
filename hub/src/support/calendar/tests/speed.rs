//! How long counting takes. The figure that counts is that of a release build; the bound here only catches a
//! count that got slower by orders of magnitude.

use std::time::{Duration, Instant};

use super::*;

#[test]
fn a_hundred_thousand_deadlines_take_about_a_second() {
    let calendar = authority().except(date("2026-09-14"), day_off(long_ago()));
    let calendar = calendar.as_known();
    let begun = Instant::now();
    let monday = kyiv("2026-09-07 00:00");
    let last =
        (0..100_000).map(|minute| calendar.add(monday + minutes(minute), minutes(1_440)).unwrap()).max();
    let taken = begun.elapsed();
    assert!(last > Some(monday));
    println!("100,000 deadlines of three working days: {taken:?}");
    let bound = if cfg!(debug_assertions) { Duration::from_secs(60) } else { Duration::from_secs(1) };
    assert!(taken < bound, "{taken:?}");
}
