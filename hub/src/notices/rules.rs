//! When an attempt that did not get through is made again. No clock, no I/O.

use chrono::TimeDelta;

use super::model::NoticeId;

/// The pause after the first attempt.
const FIRST_PAUSE_MS: i64 = 1_000;

/// The longest pause. A recipient that comes back after a day hears of it within this time.
const LONGEST_PAUSE_MS: i64 = 600_000;

/// How long to wait after the failed attempt number `attempt` (from 1): a second, then twice as long each
/// time, at most ten minutes. There is no last attempt. Each notice waits its own part of the last quarter of
/// the pause, so that the many which a recipient missed do not come back to it all at once; the part follows
/// from the id, so it is no surprise.
#[must_use]
pub fn pause_after(attempt: i32, notice: NoticeId) -> TimeDelta {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(20);
    let pause = (FIRST_PAUSE_MS << doublings).min(LONGEST_PAUSE_MS);
    let quarter = pause / 4;
    // The last bytes of a UUIDv7 are random.
    let (_, random) = notice.0.as_u64_pair();
    let part = i64::try_from(random % 1_000).unwrap_or(0);
    TimeDelta::milliseconds(pause - quarter * part / 1_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_pause_doubles_from_a_second_to_ten_minutes() {
        let calm = NoticeId(Uuid::nil());
        let pauses: Vec<_> = (1..=12).map(|attempt| pause_after(attempt, calm).num_seconds()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
    }

    proptest! {
        #[test]
        fn the_pause_stays_within_its_last_quarter_for_ever(attempt in any::<i32>(), notice in any::<u128>()) {
            let notice = NoticeId(Uuid::from_u128(notice));
            let nominal = pause_after(attempt, NoticeId(Uuid::nil()));
            let pause = pause_after(attempt, notice);
            prop_assert!(nominal * 3 / 4 <= pause && pause <= nominal, "{pause} of {nominal}");
            prop_assert_eq!(pause, pause_after(attempt, notice));
        }
    }
}
