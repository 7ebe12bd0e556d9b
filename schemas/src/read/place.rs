//! Lines and columns, for the one who looks for the fault in an editor.

use std::fmt;

/// A place in a text: line and column, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column } = self;
        write!(formatter, "{line}:{column}")
    }
}

impl Place {
    const START: Self = Self { line: 1, column: 1 };

    /// The place of a byte offset.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        Self::START.after(text.as_bytes().get(..offset).unwrap_or(text.as_bytes()))
    }

    /// The place where the text ends.
    pub(super) fn end_of(text: &str) -> Self {
        Self::START.after(text.as_bytes())
    }

    /// The place after some more text in UTF-8. It may end within a character.
    fn after(self, passed: &[u8]) -> Self {
        let is_first_of_a_character = |byte: &&u8| **byte & 0xc0 != 0x80;
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        let last = passed.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let columns = last.iter().filter(is_first_of_a_character).count();
        Self { line: self.line + lines, column: if lines == 0 { self.column } else { 1 } + columns }
    }
}

/// Places in one text, asked from its beginning to its end: a thousand faults cost one pass over the text and not a thousand.
pub(super) struct Places<'t> {
    text: &'t str,
    from: usize,
    place: Place,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, from: 0, place: Place::START }
    }

    /// The place of a byte offset. It is counted from where the places were moved to.
    pub(super) fn of(&self, offset: usize) -> Place {
        match self.text.as_bytes().get(self.from..offset) {
            Some(passed) => self.place.after(passed),
            None => Place::of(self.text, offset),
        }
    }

    /// Moves on: what comes is asked from here.
    pub(super) fn move_to(&mut self, offset: usize) {
        self.place = self.of(offset);
        self.from = offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_lines_are_counted_from_1() {
        let text = "їжак\nна межі\n\nend";
        let place = |needle: &str| Place::of(text, text.find(needle).unwrap()).to_string();
        assert_eq!(place("їжак"), "1:1");
        assert_eq!(place("к\n"), "1:4");
        assert_eq!(place("межі"), "2:4");
        assert_eq!(place("end"), "4:1");
        assert_eq!(Place::end_of(text).to_string(), "4:4");
    }

    #[test]
    fn moving_on_changes_no_place() {
        let text = "aї\nbї\ncї";
        let mut places = Places::new(text);
        for (offset, _) in text.char_indices() {
            let before = places.of(offset);
            places.move_to(offset);
            assert_eq!((before, places.of(offset)), (Place::of(text, offset), before));
            assert_eq!(places.of(0).to_string(), "1:1");
        }
    }
}
