//! Number plates: kept as written, matched folded (Q21, Q31).
//!
//! A camera, a driver and an officer write the same plate three ways: `АА 1234 ВВ` in Cyrillic, `AA1234BB` in
//! Latin, `aa-1234-bb` by hand. Folding brings the look-alikes of both alphabets, case, spaces and hyphens to
//! one form.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The longest plate that is taken, in characters as written. The longest real ones have about twelve.
pub const LONGEST_PLATE: usize = 20;

/// Why a plate was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlateFault {
    /// Too long, or nothing left after folding.
    #[error("a plate has 1 to 20 characters, at least two of them letters or digits")]
    Length,
    /// A character that no plate carries.
    #[error("a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots")]
    Alphabet,
}

/// A number plate as it was written. Compare with [`Plate::folded`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Plate {
    written: String,
    folded: FoldedPlate,
}

/// A number plate in the form in which plates are compared: Latin capitals and digits, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FoldedPlate(String);

impl Plate {
    /// Reads a plate as it was written.
    ///
    /// # Errors
    /// [`PlateFault`] when it is empty, too long, or holds a character that no plate carries.
    pub fn parse(written: &str) -> Result<Self, PlateFault> {
        if written.chars().count() > LONGEST_PLATE {
            return Err(PlateFault::Length);
        }
        let written = written.trim_matches([' ', '\u{a0}']);
        let mut folded = String::with_capacity(written.len());
        for character in written.chars() {
            match fold(character) {
                Folded::Kept(kept) => folded.push(kept),
                Folded::Dropped => {}
                Folded::Foreign => return Err(PlateFault::Alphabet),
            }
        }
        if folded.chars().count() < 2 {
            return Err(PlateFault::Length);
        }
        Ok(Self { written: written.to_owned(), folded: FoldedPlate(folded) })
    }

    /// The plate as it was written, without spaces around it.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// The plate as it is compared.
    #[must_use]
    pub fn folded(&self) -> &FoldedPlate {
        &self.folded
    }
}

impl FoldedPlate {
    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes back a plate that was folded before and stored.
    #[must_use]
    pub fn from_stored(folded: String) -> Self {
        Self(folded)
    }
}

impl fmt::Display for FoldedPlate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<Plate> for String {
    fn from(plate: Plate) -> Self {
        plate.written
    }
}

impl TryFrom<String> for Plate {
    type Error = PlateFault;
    fn try_from(written: String) -> Result<Self, PlateFault> {
        Self::parse(&written)
    }
}

/// The letters and digits that plates carry, as a class of a regular expression.
const ON_A_PLATE: &str = "A-Za-z0-9А-ЩЬЮЯҐЄІЇЁЫЭЪЅЈа-щьюяґєіїёыэъѕјÄÖÜČŠŽĆĐäöüčšžćđ";
/// What stands between them and is dropped.
const BETWEEN: &str = " .·–\u{a0}-";

impl PartialSchema for Plate {
    fn schema() -> RefOr<Schema> {
        let (sign, between) = (format!("[{ON_A_PLATE}]"), format!("[{BETWEEN}]*"));
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A number plate as it was written, in Latin or Cyrillic letters. It is kept as written and matched \
                 folded: look-alike letters, case, spaces, dots and hyphens make no difference.",
            ))
            .pattern(Some(format!("^{between}{sign}{between}{sign}[{ON_A_PLATE}{BETWEEN}]*$")))
            .min_length(Some(2))
            .max_length(Some(LONGEST_PLATE))
            .examples(["AA 1234 BB"])
            .into()
    }
}

impl ToSchema for Plate {}

enum Folded {
    Kept(char),
    Dropped,
    Foreign,
}

/// Folds one character. Letters that look alike in both alphabets become the Latin one; Cyrillic letters with no Latin twin
/// (old, military and foreign plates carry them) stay Cyrillic capitals, so that two different plates never become one.
fn fold(character: char) -> Folded {
    let upper = match character {
        // Their capitals are ASCII letters, but no plate carries them.
        'ı' | 'ſ' => return Folded::Foreign,
        '–' => return Folded::Dropped,
        // Beyond Cyrillic stand ligatures and old letters whose capitals would pass for a plate's.
        beyond if beyond > '\u{4ff}' => return Folded::Foreign,
        other => {
            let mut capitals = other.to_uppercase();
            match (capitals.next(), capitals.next()) {
                (Some(capital), None) => capital,
                _ => return Folded::Foreign,
            }
        }
    };
    match upper {
        'A'..='Z' | '0'..='9' => Folded::Kept(upper),
        ' ' | '\u{a0}' | '-' | '.' | '·' => Folded::Dropped,
        'А' => Folded::Kept('A'),
        'В' => Folded::Kept('B'),
        'Е' => Folded::Kept('E'),
        'І' => Folded::Kept('I'),
        'К' => Folded::Kept('K'),
        'М' => Folded::Kept('M'),
        'Н' => Folded::Kept('H'),
        'О' => Folded::Kept('O'),
        'Р' => Folded::Kept('P'),
        'С' => Folded::Kept('C'),
        'Т' => Folded::Kept('T'),
        'У' => Folded::Kept('Y'),
        'Х' => Folded::Kept('X'),
        'Ѕ' => Folded::Kept('S'),
        'Ј' => Folded::Kept('J'),
        'Б' | 'Г' | 'Ґ' | 'Д' | 'Є' | 'Ж' | 'З' | 'И' | 'Ї' | 'Й' | 'Л' | 'П' | 'Ф' | 'Ц' | 'Ч' | 'Ш'
        | 'Щ' | 'Ь' | 'Ю' | 'Я' | 'Ё' | 'Ы' | 'Э' | 'Ъ' => Folded::Kept(upper),
        'Ä' | 'Ö' | 'Ü' | 'Č' | 'Š' | 'Ž' | 'Ć' | 'Đ' => Folded::Kept(upper),
        _ => Folded::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(written: &str) -> String {
        Plate::parse(written).unwrap().folded().as_str().to_owned()
    }

    #[test]
    fn both_alphabets_and_every_manner_of_writing_give_one_plate() {
        for written in ["АА 1234 ВВ", "AA1234BB", "aa-1234-bb", " аА 1234\u{a0}Вb ", "AA·1234·BB"] {
            assert_eq!(folded(written), "AA1234BB", "{written}");
        }
    }

    #[test]
    fn the_written_form_is_kept() {
        assert_eq!(Plate::parse(" аа 1234-вв ").unwrap().as_written(), "аа 1234-вв");
    }

    #[test]
    fn different_plates_stay_different() {
        assert_ne!(folded("ЖЖ 1234"), folded("XX 1234"));
        assert_ne!(folded("ИА 1234"), folded("IA 1234"));
        assert_ne!(folded("0A 1234"), folded("OA 1234"));
    }

    #[test]
    fn odd_alphabets_and_lengths_are_refused() {
        for written in [
            "ΑΒ1234",
            "ＡＡ1234",
            "AA\u{0}1234",
            "AA\u{202e}1234",
            "AA👍1234",
            "A'; --",
            "<AA1234>",
            "ﬀ1234",
            "\tAA1234",
        ] {
            assert_eq!(Plate::parse(written), Err(PlateFault::Alphabet), "{written:?}");
        }
        for written in ["", " ", "--", "A", "AAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(Plate::parse(written), Err(PlateFault::Length), "{written:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(written in "\\PC{0,24}") {
            if let Ok(plate) = Plate::parse(&written) {
                prop_assert_eq!(folded(plate.folded().as_str()), plate.folded().as_str());
            }
        }
    }
}
