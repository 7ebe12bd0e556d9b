//! Messages as tables: CSV as RFC 4180 has it, in UTF-8, with a line of names.
//!
//! What one system sends and a person opens in a spreadsheet must not become a formula there: texts that
//! others choose are held to forms that cannot begin one (see the references in [`crate::fees`]).

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

/// A message that can be written as a table.
pub trait ToCsv {
    /// The table as CSV.
    fn to_csv(&self) -> Vec<u8>;
}

/// A table of these columns and rows.
pub(crate) fn csv<'a, const N: usize>(
    columns: [&str; N],
    rows: impl Iterator<Item = [Cow<'a, str>; N]>,
) -> Vec<u8> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    // Writing fails where the memory does or for rows of different lengths, and these are all of length N.
    let written = writer.write_record(columns).and_then(|()| {
        rows.into_iter().try_for_each(|row| writer.write_record(row.iter().map(|cell| cell.as_bytes())))
    });
    debug_assert!(written.is_ok(), "{written:?}");
    writer.into_inner().unwrap_or_default()
}
