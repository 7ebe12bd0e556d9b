//! How the progress of a crossing is kept: packed into bytes, since it is read and written with every fact.
//! As JSON, to read and write it was more than half of what the database did for one.
//!
//! For each kind, in the order of [`EventKind`]: a byte that names the kind, the earliest fact, and the
//! latest one if it is another, which [`LATEST_FOLLOWS`] in the first byte announces. A fact is its time in
//! microseconds since 1970 and its position, eight bytes each, big-endian.

use chrono::DateTime;
use kordon_schemas::events::EventKind;

use super::model::{Mark, Position, Progress, Span};
use crate::error::{Error, Result};

/// In the byte of a kind: its latest fact is not its earliest.
const LATEST_FOLLOWS: u8 = 0x80;

/// The byte of a kind. It stands in the database, so it never changes.
const fn byte(kind: EventKind) -> u8 {
    match kind {
        EventKind::ZoneArrived => 1,
        EventKind::ZoneLeft => 2,
        EventKind::CheckpointEntered => 3,
        EventKind::EntryRefused => 4,
        EventKind::BorderControlStarted => 5,
        EventKind::BorderControlFinished => 6,
        EventKind::CustomsControlStarted => 7,
        EventKind::CustomsControlFinished => 8,
        EventKind::CheckpointLeft => 9,
        EventKind::PlateRead => 10,
        EventKind::Void => 11,
    }
}

/// What is kept of `progress`.
#[must_use]
pub(crate) fn pack(progress: &Progress) -> Vec<u8> {
    let mut packed = Vec::with_capacity(progress.spans().len() * 17);
    for (kind, Span { first, last }) in progress.spans() {
        let follows = if first == last { 0 } else { LATEST_FOLLOWS };
        packed.push(byte(*kind) | follows);
        pack_mark(&mut packed, *first);
        if follows != 0 {
            pack_mark(&mut packed, *last);
        }
    }
    packed
}

fn pack_mark(packed: &mut Vec<u8>, Mark { at, position }: Mark) {
    packed.extend(at.timestamp_micros().to_be_bytes());
    packed.extend(position.0.to_be_bytes());
}

/// The progress that was kept.
///
/// # Errors
/// [`Error::Internal`] when the bytes are not what [`pack`] writes.
pub(crate) fn unpack(mut packed: &[u8]) -> Result<Progress> {
    let mut progress = Progress::default();
    while let Some((first, rest)) = packed.split_first() {
        packed = rest;
        let kind = EventKind::ALL
            .into_iter()
            .find(|kind| byte(*kind) == first & !LATEST_FOLLOWS)
            .ok_or_else(|| Error::stored_badly("a crossing's progress", "an unknown kind"))?;
        progress.add(kind, unpack_mark(&mut packed)?);
        if first & LATEST_FOLLOWS != 0 {
            progress.add(kind, unpack_mark(&mut packed)?);
        }
    }
    Ok(progress)
}

fn unpack_mark(packed: &mut &[u8]) -> Result<Mark> {
    let at = DateTime::from_timestamp_micros(unpack_number(packed)?)
        .ok_or_else(|| Error::stored_badly("a crossing's progress", "no time"))?;
    Ok(Mark { at, position: Position(unpack_number(packed)?) })
}

fn unpack_number(packed: &mut &[u8]) -> Result<i64, Error> {
    let (number, rest) = packed
        .split_first_chunk()
        .ok_or_else(|| Error::stored_badly("a crossing's progress", "it is cut off"))?;
    *packed = rest;
    Ok(i64::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts() -> impl Strategy<Value = Vec<(EventKind, Mark)>> {
        let mark = (0_i64..=2_000_000_000_000_000, any::<i64>()).prop_map(|(micros, position)| Mark {
            at: DateTime::from_timestamp_micros(micros).unwrap(),
            position: Position(position),
        });
        prop::collection::vec((prop::sample::select(EventKind::ALL.to_vec()), mark), 0..30)
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(facts in facts()) {
            let mut progress = Progress::default();
            for (kind, mark) in facts {
                progress.add(kind, mark);
            }
            prop_assert_eq!(unpack(&pack(&progress)).unwrap(), progress);
        }

        #[test]
        fn bytes_of_another_make_are_told(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(progress) = unpack(&bytes) {
                prop_assert_eq!(unpack(&pack(&progress)).unwrap(), progress);
            }
        }
    }

    #[test]
    fn one_fact_of_a_kind_takes_seventeen_bytes_and_a_second_one_sixteen_more() {
        let mark = |position| Mark { at: DateTime::UNIX_EPOCH, position: Position(position) };
        let mut progress = Progress::default();
        progress.add(EventKind::ZoneArrived, mark(1));
        assert_eq!(pack(&progress).len(), 17);
        progress.add(EventKind::ZoneArrived, mark(2));
        assert_eq!(pack(&progress).len(), 33);
    }

    #[test]
    fn what_is_cut_off_is_told() {
        let mut progress = Progress::default();
        progress.add(EventKind::ZoneLeft, Mark { at: DateTime::UNIX_EPOCH, position: Position(7) });
        let packed = pack(&progress);
        assert!(matches!(unpack(&packed[..16]), Err(Error::Internal(_))));
        assert!(matches!(unpack(&[0x7f; 17]), Err(Error::Internal(_))));
    }
}
