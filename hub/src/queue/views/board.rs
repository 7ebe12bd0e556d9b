//! The board of a checkpoint, for everybody: who is called and who is next. A plate is shown by its end
//! alone.

use chrono::{DateTime, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::Plate;
use kordon_schemas::views::{Board, BoardEntry};

use crate::checkpoints::rules as checkpoint_rules;
use crate::database::Connection;
use crate::error::Result;
use crate::queue::read;

/// Called vehicles on a board.
const SHOWN_CALLED: usize = 50;

/// Vehicles that are next on a board.
const SHOWN_NEXT: usize = 20;

/// The board of a checkpoint, with as many characters of each plate as its rules say, or `otherwise` where
/// they say nothing; and the position of the journal that it is true up to.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such checkpoint.
pub async fn board(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    otherwise: usize,
    now: DateTime<Utc>,
) -> Result<(Board, i64)> {
    let in_force = checkpoint_rules::in_force(connection, checkpoint, now).await?;
    let characters = in_force.rules.board.map_or(otherwise, |board| usize::from(board.plate_characters));
    let queue = read::queue(connection, checkpoint, None, now).await?;
    let entry = |plate: &str| BoardEntry { plate: shortened(plate, characters) };
    let (mut called, mut waiting): (Vec<_>, Vec<_>) =
        queue.entries.iter().partition(|entry| entry.place.is_none());
    called.sort_by_key(|entry| std::cmp::Reverse((entry.called_at, entry.booking)));
    waiting.sort_by_key(|entry| entry.place);
    let board = Board {
        checkpoint: checkpoint.clone(),
        changed_at: queue.changed_at,
        called: called.iter().take(SHOWN_CALLED).map(|of| entry(&of.plate)).collect(),
        next: waiting.iter().take(SHOWN_NEXT).map(|of| entry(&of.plate)).collect(),
    };
    Ok((board, queue.position))
}

/// The end of a plate as it is compared, after `…`: how it is written, how long it is and how it begins stay
/// unknown. Of a short plate half is shown at most.
fn shortened(written: &str, characters: usize) -> String {
    let Ok(plate) = Plate::parse(written) else { return "…".into() };
    let folded: Vec<char> = plate.folded().as_str().chars().collect();
    let shown = characters.min(folded.len() / 2);
    let end: String = folded.iter().skip(folded.len() - shown).collect();
    format!("…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_is_shown_by_its_end_and_never_by_more_than_half() {
        assert_eq!(shortened("AA 1234 BB", 4), "…34BB");
        assert_eq!(shortened("АА 1234 ВВ", 3), "…4BB", "folded");
        assert_eq!(shortened("AA 1234 BB", 99), "…34BB");
        assert_eq!(shortened("AB 1", 4), "…1");
        assert_eq!(shortened("AA 1234 BB", 0), "…");
    }
}
