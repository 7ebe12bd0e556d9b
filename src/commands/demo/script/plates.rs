//! Number plates: one a vehicle, and each system's own manner of writing it. The hub has to see one plate in
//! all of them.

use crate::commands::demo::day::System;

/// The letters that Ukrainian plates carry, which look alike in both alphabets: Latin, Cyrillic.
const TWINS: [(char, char); 12] = [
    ('A', 'А'),
    ('B', 'В'),
    ('C', 'С'),
    ('E', 'Е'),
    ('H', 'Н'),
    ('I', 'І'),
    ('K', 'К'),
    ('M', 'М'),
    ('O', 'О'),
    ('P', 'Р'),
    ('T', 'Т'),
    ('X', 'Х'),
];

/// What plates end in.
const SERIES: [&str; 6] = ["KA", "HT", "MB", "EX", "OP", "CI"];

/// The region of vehicles that nobody booked.
pub(crate) const STRANGERS: &str = "HC";

/// What a misread plate begins with. No vehicle of the demonstration is of that region.
const MISREAD: &str = "XX";

/// The plate of the vehicle `number` of a region, as it is booked. `run` makes it another vehicle's when a
/// day is played again.
pub(crate) fn plate(region: &str, number: usize, run: &str) -> String {
    let series = SERIES.get(number % SERIES.len()).copied().unwrap_or_default();
    // 7 and 10,000 have no common divisor, so no two of 10,000 vehicles have one number.
    let digits = (number * 7 + 1_234) % 10_000;
    if run.is_empty() {
        format!("{region} {digits:04} {series}")
    } else {
        format!("{region} {digits:04} {series}-{run}")
    }
}

/// The plate as a camera or a tired officer may read it: of another region.
pub(crate) fn misread(plate: &str) -> String {
    plate.chars().enumerate().map(|(place, sign)| if place < 2 { first(MISREAD) } else { sign }).collect()
}

fn first(text: &str) -> char {
    text.chars().next().unwrap_or('X')
}

/// The plate as a system writes it.
pub(crate) fn written(plate: &str, system: System) -> String {
    match system {
        System::QueueOperator | System::SupportLine => plate.to_owned(),
        System::ZoneOperator => in_cyrillic(plate),
        System::BorderGuard => plate.replace([' ', '-'], ""),
        System::Customs => in_cyrillic(&plate.replace(' ', "-")).to_lowercase(),
    }
}

fn in_cyrillic(plate: &str) -> String {
    let twin = |sign| TWINS.iter().find(|(latin, _)| *latin == sign).map_or(sign, |(_, cyrillic)| *cyrillic);
    plate.chars().map(twin).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_system_writes_a_plate_in_its_own_manner() {
        let booked = plate("BC", 0, "");
        assert_eq!(booked, "BC 1234 KA");
        assert_eq!(written(&booked, System::ZoneOperator), "ВС 1234 КА");
        assert_eq!(written(&booked, System::BorderGuard), "BC1234KA");
        assert_eq!(written(&booked, System::Customs), "вс-1234-ка");
        assert_eq!(misread(&booked), "XX 1234 KA");
    }

    #[test]
    fn no_two_vehicles_have_one_plate_and_none_is_too_long() {
        let plates: BTreeSet<String> = (0..10_000).map(|number| plate("BC", number, "ZZZZZZZZ")).collect();
        assert_eq!(plates.len(), 10_000);
        assert!(plates.iter().all(|plate| plate.len() <= 20), "the hub takes plates of up to 20 characters");
    }
}
