//! The time zone of the machine decides nothing: the same tests, run by processes that live elsewhere.

use std::process::Command;

#[test]
fn the_same_results_in_any_time_zone_of_the_machine() {
    let tests = std::env::current_exe().unwrap();
    for zone in
        ["UTC", "Europe/Kyiv", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Niue"]
    {
        let run = Command::new(&tests)
            .args(["support::calendar::tests::kyiv", "support::deadlines::tests", "support::rules::tests"])
            .env("TZ", zone)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "{zone}: {told}");
        assert!(!told.contains("running 0 tests"), "{zone}: nothing was run");
    }
}
